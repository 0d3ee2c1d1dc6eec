"""Results folders of others: records that are changed, cut off, or no records at all."""

import copy
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmark.records.record_file import encode_record
from benchmark.records.store import ResultStore

Answer = Callable[..., int]
Write = Callable[[str, bytes], Path]

MEASURED = Path(__file__).parents[2] / "results" / "measured"
FIRST, SECOND = map(encode_record, islice(ResultStore(MEASURED).records(), 2))
KEY = json.loads(FIRST)["key"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from([10**30, -1, 0, 1e308, "\x1b[31m\n", "[/b]", [], {}, [[]], [None], "x" * 300]),
)


@st.composite
def changed_records(draw: st.DrawFn) -> bytes:
    """A record without its digest, as the first ones were, with one or two entries changed."""
    record = json.loads(FIRST)
    record.pop("digest", None)
    for _ in range(draw(st.integers(1, 2))):
        parent: Any = record
        for _ in range(draw(st.integers(0, 5))):
            inner = _inner(parent)
            if not inner:
                break
            parent = draw(st.sampled_from(inner))
        if not parent:
            continue
        key = draw(st.sampled_from(list(parent) if isinstance(parent, dict) else [0]))
        change = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
        if change == "replace":
            parent[key] = draw(VALUES)
        elif change == "remove":
            del parent[key]
        elif isinstance(parent, dict):
            parent[f"{key}s"] = copy.deepcopy(parent[key])
        else:
            parent.append(parent[0])
    return json.dumps(record, ensure_ascii=draw(st.booleans())).encode(errors="replace")


def _with(*path: str | int, value: object) -> bytes:
    """The first record, one entry changed, without its digest."""
    record = json.loads(FIRST)
    record.pop("digest", None)
    parent: Any = record
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return json.dumps(record).encode()


def _inner(value: Any) -> list[Any]:
    entries = value.values() if isinstance(value, dict) else value
    return [entry for entry in entries if isinstance(entry, dict | list)]


@st.composite
def changed_bytes(draw: st.DrawFn) -> bytes:
    """A record cut off, or with other bytes in it."""
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(FIRST))] * 2)))
    return FIRST[:start] + draw(st.binary(max_size=8)) + draw(st.just(FIRST[end:]) | st.just(b""))


RECORDS = st.one_of(changed_records(), changed_bytes(), st.binary(max_size=32))


@given(RECORDS, st.sampled_from([KEY, "results/runs/{}.json", KEY[:6]]))
@example(b"[" * 100_000, KEY)
@example(b'{"key": ' + b"9" * 5000 + b"}", KEY)
@example(SECOND, KEY)
@example(b"", KEY)
@example(_with("data", "class_names", value=["a"] * 99), KEY)
@example(_with("data", "class_names", 0, value="[/b]\x1b[31m\n"), KEY)
@example(_with("resources", "seconds", value=1e308), KEY)
@example(_with("term_curves", value={"task": [1.0, 2.0], "kd": [1.0]}), KEY)
@example(_with("term_curves", value={"task": []}), KEY)
def test_one_record(answer: Answer, write: Write, content: bytes, name: str) -> None:
    write(f"broken/runs/{KEY}.json", content)
    path = name.format(KEY).replace("results/", "broken/")
    answer("show", path, "--results", "broken")


@given(RECORDS)
@example(SECOND)
def test_the_folder(answer: Answer, write: Write, content: bytes) -> None:
    write(f"broken/runs/{KEY}.json", content)
    answer("status", "--results", "broken")
    answer("diff", "broken", "results")
    answer("--suite", "table1", "--results", "broken", "--dry-run")


@given(st.binary(max_size=64), st.sampled_from(["predictions.npz", "weights.pt", "txt", "json"]))
def test_what_lies_beside_a_record(answer: Answer, write: Write, content: bytes, name: str) -> None:
    write(f"beside/runs/{KEY}.json", FIRST)
    write(f"beside/runs/{KEY}.{name}", content)
    answer("show", KEY, "--results", "beside")
    answer("status", "--results", "beside")


@pytest.mark.parametrize("content", [FIRST[:-9], SECOND, b"", b"\xff", b"{}", b"[]"])
def test_reports_and_doctor(answer: Answer, write: Write, content: bytes) -> None:
    write(f"broken/runs/{KEY}.json", content)
    answer("--suite", "table1", "--results", "broken", "--report-only", "--seeds", "1")
    answer("doctor", "--results", "broken", codes=(0, 1))
