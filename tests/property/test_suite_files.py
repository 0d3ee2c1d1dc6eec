"""Suite files: valid ones, changed as values and as text, and files that are something else."""

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

Answer = Callable[..., int]
Write = Callable[[str, bytes], Path]
Step = str | int

SUITE: dict[str, Any] = {
    "name": "own",
    "title": "A suite",
    "scenario": "cross_modal",
    "datasets": [
        {"name": "own", "npz": "own.npz", "teacher": "S2", "student": "S1", "split": "by_group"},
        {"name": "tristar", "label": "T", "teacher": "THERMAL", "student": "DEPTH", "options": {}},
    ],
    "methods": ["kd_v1", {"name": "dkd", "beta": 2.0, "label": "D"}, {"name": "discom_kd"}],
    "plugins": ["none", "lskd"],
    "seeds": 2,
    "protocol": {"base": "as_described", "teacher_mode": "train"},
    "training": {"epochs": 3, "batch_size": 16, "learning_rate": 1e-4, "precision": "fp32"},
    "references": ["teacher", "student"],
    "baseline": "student",
    "average": True,
}
NUMBERS = [0, -1, 10**9, 2**31, 2**63, 10**30, -(10**30), 10**400, 1e308, -0.0, 2.5]
TEXTS = ["", " ", "\t", "\x1b[31m", "a\nb", "\x00", "[bold]", "{0}", "../up", "/", "~", "x" * 300]
TEXTS += ["NaN", "1e3", "none", "as_released", "multi_modal", "S3", "own.npy", "\u202e", "é" * 200]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([*NUMBERS, *TEXTS, date(2024, 1, 1), b"\xff"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=4,
)


def _paths(value: Any) -> list[tuple[Step, ...]]:
    """Where the entries of a suite are, from the outermost key."""
    if not isinstance(value, dict | list):
        return []
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        path
        for key, inner in entries
        for path in [(key,), *((key, *rest) for rest in _paths(inner))]
    ]


@st.composite
def changed_suites(draw: st.DrawFn) -> bytes:
    """A valid suite with one to three entries replaced, removed, renamed, repeated or nested."""
    suite = copy.deepcopy(SUITE)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths(suite)))
        parent = suite
        for step in path[:-1]:
            parent = parent[step]  # type: ignore[index]
        _change(draw, parent, path[-1])
        if not _paths(suite):
            break
    return yaml.safe_dump(suite, allow_unicode=draw(st.booleans())).encode()


def _change(draw: st.DrawFn, parent: Any, key: Step) -> None:
    change = draw(st.sampled_from(["replace", "replace", "remove", "rename", "repeat", "nest"]))
    if change == "replace":
        parent[key] = draw(VALUES)
    elif change == "remove":
        del parent[key]
    elif change == "nest":
        parent[key] = draw(st.sampled_from([[parent[key]], {"name": parent[key]}, [[], {}]]))
    elif isinstance(parent, list):
        parent.append(copy.deepcopy(parent[int(key)]))
    else:
        value = parent.pop(key) if change == "rename" else parent[key]
        parent[draw(st.just(f"{key}s") | SCALARS)] = value


LINES = yaml.safe_dump(SUITE, default_flow_style=False, sort_keys=False).splitlines(keepends=True)
BOMB = "[" + "".join(f"&{i} [{f'*{i - 1},' * 9}]," for i in range(1, 7)).replace("*0", "1") + "]"
FRAGMENTS = [
    "&a [*a]", "&a {k: *a}", "*unknown", "<<: *unknown", BOMB, "[" * 3000, "{a: " * 400, "]", "{",
    "!!python/object/apply:os.getcwd []", "!!set {a, b}", "!!omap [1]", "!!pairs [{a: 1}]",
    "!!bool maybe", "!!int abc", "!!int ''", "!!float x", "!!timestamp soon", "!!binary '@@'",
    "!!null x", "!!map 1", "!!str [a]", "!unknown 1", "0x" + "f" * 5000, "9" * 5000, "1:60:60",
    "0o9", "08", "1_0", ".inf", "-.inf", ".nan", "2024-13-45", "2024-01-01",
    "2024-01-01 25:00:00",
    '"\\ud800"', '"\\x00"', '"\\u202e"', '"unclosed', "'", "|", ">", "? [1]: 2", "? {a: b}",
    "- - -", "%YAML 9.9", "---", "...", "\t", "\x85", "\u2028", "\x07", "@", "`", "# no value",
    "a: b: c", "~",
]  # fmt: skip


@st.composite
def changed_texts(draw: st.DrawFn) -> bytes:
    """The text of a valid suite with a few of its lines changed, in some encoding."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(lines) - 1))
        fragment = draw(st.sampled_from(FRAGMENTS) | st.text(max_size=10))
        before, colon, _ = lines[at].rpartition(":")
        lines[at : at + 1] = draw(
            st.sampled_from(
                [
                    [f"{before}{colon} {fragment}\n"],
                    [f"{before}{colon} {fragment}\n"],
                    [lines[at], f"{fragment}\n"],
                    [f"{fragment}{lines[at]}"],
                    [f"\t{lines[at]}"],
                    [lines[at], lines[at]],
                    [],
                ]
            )
        )
        lines = lines or [""]
    encoding = draw(st.sampled_from(["utf-8"] * 5 + ["utf-8-sig", "utf-16", "utf-32", "cp1252"]))
    return "".join(lines).encode(encoding, errors="replace")


@st.composite
def changed_bytes(draw: st.DrawFn) -> bytes:
    """A valid suite cut off or with other bytes in it, or bytes of no meaning."""
    content = "".join(LINES).encode()
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    return (
        content[:start] + draw(st.binary(max_size=20)) + draw(st.just(content[end:]) | st.just(b""))
    )


def _with(**changes: object) -> bytes:
    return yaml.safe_dump({**SUITE, **changes}).encode()


@given(changed_suites(), st.sampled_from(["--dry-run", "--report-only"]))
@example(_with(seeds=10**9), "--dry-run")
@example(_with(seeds=[2**31]), "--dry-run")
@example(_with(training=["epochs"]), "--dry-run")
@example(_with(training="epochs: 3"), "--dry-run")
@example(_with(name="x" * 300), "--report-only")
@example(_with(methods=["a\x1b[31m\nb"]), "--dry-run")
@example(_with(methods=[{"name": "dkd", "label": "[/bold] \\n"}]), "--report-only")
@example(_with(plugins=["x" * 100_000]), "--dry-run")
def test_changed_values(answer: Answer, write: Write, content: bytes, task: str) -> None:
    write("changed.yaml", content)
    answer("--suite", "changed.yaml", task)


@given(changed_texts())
@example(_with(seeds=1) + f"title: {BOMB}".encode())
@example(_with(seeds=1) + f"methods: [{{name: dkd, beta: {BOMB}}}]".encode())
@example(_with(seeds=1) + b"methods: &m [*m]")
@example(_with(seeds=1) + b"methods: " + b"[" * 3000)
@example(_with(seeds=1) + b"average: !!bool maybe")
@example(_with(seeds=1) + b"title: !!timestamp soon")
@example(_with(seeds=1) + b"title: 0x" + b"f" * 5000)
@example(_with(seeds=1) + b"title: 2024-13-45")
def test_changed_text(answer: Answer, write: Write, content: bytes) -> None:
    write("changed.yaml", content)
    answer("--suite", "changed.yaml", "--dry-run")


@given(st.one_of(changed_bytes(), st.binary(max_size=64)))
def test_changed_bytes(answer: Answer, write: Write, content: bytes) -> None:
    write("changed.yaml", content)
    answer("--suite", "changed.yaml", "--dry-run")
