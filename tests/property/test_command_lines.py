"""Command lines: options with values of any kind, paths to what is not there, and broken files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from datasets import CARDS

Answer = Callable[..., int]
Write = Callable[[str, bytes], Path]

# What a process can be given: no NUL, and bytes that are no UTF-8 as surrogates.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
WRONG = [
    "", " ", "-", "-1", "0", "1", "1e9", "9" * 30, "9" * 5000, "1,1", "0,", ",", "2147483648",
    "0,2147483648", "nan", "inf", "-inf", "1e400", "0.5", "0x10",
    "\N{FULLWIDTH DIGIT ONE}", "²", "None",
    "[/b]", "\x1b[31m", "a\nb", "\udcff", "x" * 300, "x" * 5000, "../..", "/", "~",
    "own.yaml", "own.npz", "data",
    "results", "own.yaml/x", "own.yaml/x.yaml", "missing.yaml", "data.yaml",
    "missing/missing.npz", "/dev/null",
    "cuda:-1", "cuda:99", "cuda:x", "mps", "bf16", "as_released", "kd_v1", "dkd", "none",
    "student_x2", "reference", "tristar", "table1", "table4", "%s", "{0}", "*", "a=b", "=",
    "@own.yaml",
]  # fmt: skip
# argparse of Python 3.11 takes "--" for no value at all.
VALUES = st.sampled_from(WRONG) | TEXTS.filter(lambda text: text != "--")
GRID = ["--datasets", "--methods", "--plugins", "--seeds", "--epochs", "--batch-size"]
GRID += ["--precision", "--protocol"]
FOLDERS = ["--results", "--reports", "--data"]
PLACEMENT = ["--devices", "--runs-per-device", "--executor", "--ray-address", "--snapshot-minutes"]
FLAGS = ["--smoke", "--report-only", "--keep-weights", "--no-graphs"]


@st.composite
def options(draw: st.DrawFn, names: list[str], flags: list[str]) -> list[str]:
    """One to three options of these with a value, or several where they take several."""
    given: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(names + flags))
        if name in flags:
            given.append(name)
        elif draw(st.booleans()):
            given.append(f"{name}={draw(VALUES)}")
        else:
            given += [name, *draw(st.lists(VALUES, max_size=2))]
    return given


@given(
    st.sampled_from(["own.yaml", "table1", "table3", "audit"]) | VALUES,
    options(GRID + FOLDERS + PLACEMENT + ["--suite"], FLAGS),
)
@example("own.yaml", ["--seeds", "1000000000"])
@example("own.yaml", ["--seeds", "2147483648,0"])
@example("own.yaml", ["--epochs", "9" * 30])
@example("own.yaml", ["--suite", "own.yaml"])
@example("x" * 300, [])
@example("own.yaml", ["--methods", "a\nb"])
def test_the_main_job(answer: Answer, suite: str, given: list[str]) -> None:
    answer("--dry-run", f"--suite={suite}", *given)


@given(st.lists(VALUES | st.sampled_from([*GRID, *FOLDERS, "--load", "--suite"]), max_size=4))
def test_words_in_any_order(answer: Answer, words: list[str]) -> None:
    assume("fetch" not in words)
    answer("--dry-run", *words)


OTHERS = st.one_of(
    st.tuples(st.just("show"), VALUES, st.just("--results"), VALUES),
    st.tuples(st.just("show"), VALUES),
    st.tuples(st.just("diff"), VALUES, VALUES),
    st.tuples(st.just("diff"), VALUES, VALUES, st.just("--results"), VALUES),
    st.tuples(st.just("status"), st.just("--results"), VALUES),
    st.tuples(st.just("status"), st.just("--suite"), VALUES, st.sampled_from(GRID), VALUES),
    st.tuples(st.just("data"), VALUES),
    st.tuples(st.just("data"), st.just("list"), st.just("--data"), VALUES),
    st.tuples(st.just("data"), st.just("fetch"), VALUES.filter(lambda name: name not in CARDS)),
    st.tuples(
        st.just("data"), st.sampled_from(["prepare", "check"]),
        st.sampled_from(list(CARDS)) | VALUES,
        st.sampled_from(["--image-size", "--modalities", "--option", "--data"]), VALUES,
    ),
    st.tuples(
        st.just("speed"), st.just("--methods=no_such_method"),
        st.sampled_from(["--shape", "--batch-size", "--device", "--rounds", "--threads"]),
        VALUES,
    ),
)  # fmt: skip


@given(OTHERS)
@example(("diff", "results", "data"))
@example(("status", "--results", "own.yaml"))
@example(("data", "check", "own.yaml/x.npz"))
@example(("data", "prepare", "sunrgbd", "--data", "~"))
@example(("show", "0"))
@example(("show", "x" * 300))
@example(("status", "--results", "x" * 300))
@example(("data", "prepare", "tristar", "--option", "\x1b[31m=[/b]"))
def test_other_commands(answer: Answer, given: tuple[str, ...]) -> None:
    answer(*given)


@pytest.mark.parametrize("folder", ["--results", "--reports", "--data"])
@pytest.mark.parametrize("value", ["own.yaml", "own.yaml/x", "missing", "x" * 300, "\x1b[31m"])
def test_doctor(answer: Answer, folder: str, value: str) -> None:
    answer("doctor", folder, value, codes=(0, 1, 2))


@pytest.mark.parametrize("output", ["data", "own.yaml/x.png", "", "x" * 300])
def test_a_picture_that_cannot_be_written(answer: Answer, output: str) -> None:
    assert answer("data", "show", "own.npz", "--output", output) == 2


METHOD = """
from abc import abstractmethod

from methods import DistillationMethod, register_method


@register_method
class Own(DistillationMethod):
    name = "own_method"
    label = "Own"
    weight: float = 1.0

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        return student_logits.sum()
"""
BROKEN = [
    "raise ValueError('a\\nb')", "raise SystemExit(3)", "import sys; sys.exit()", "exit(1)",
    "raise KeyError", "raise BaseException('x')", "raise GeneratorExit", "import no_such_module",
    "assert False", "1 / 0", "def f(): f()\nf()", "from methods import no_such_name", "print('x')",
    "from methods import METHODS\nMETHODS.get('x')", "class", "\tx", "x = '", "\0", "(" * 300,
    "# coding: nothing", "#", "", "\ufeff" + METHOD,
]  # fmt: skip
NAMES = ['"kd_v1"', "3", "None", '""', "['x']", '"a\\nb"']
FIELDS = [
    "weight: float",
    "weight: int = 'x'",
    "weight: list = []",
    "def __post_init__(self): raise KeyError('x')",
    "learner = abstractmethod(print)",
    "weight: object = object()",
    "weight: Nothing = 1",
    "name: str = 'x'",
    "kind = 'x'",
    "switches = {'weight': 'no_such_switch'}",
    "weight: float = float('nan')",
    "encoders_per_modality = 'x'",
    "probes = 3",
]
CHANGES = [
    *(('"own_method"', name) for name in NAMES),
    *(("weight: float = 1.0", field) for field in FIELDS),
    ('    name = "own_method"\n', ""),
    ('"Own"', "3"),
    ('    label = "Own"\n', ""),
    ("(DistillationMethod)", ""),
    ("(DistillationMethod)", "(int)"),
    ("@register_method", "@register_method\n@register_method"),
    ("def distillation_loss", "def loss"),
]


@pytest.mark.parametrize("source", [*BROKEN, *(METHOD.replace(*change) for change in CHANGES)])
def test_a_broken_method(answer: Answer, write: Write, source: str) -> None:
    write("broken.py", source.encode())
    answer("--suite", "own.yaml", "--dry-run", "--load", "broken.py")


@given(st.integers(0, len(METHOD)), st.binary(min_size=1, max_size=6), st.booleans())
def test_a_method_with_other_bytes(
    answer: Answer, write: Write, at: int, inserted: bytes, cut: bool
) -> None:
    source = METHOD.encode()
    write("broken.py", source[:at] + inserted + (b"" if cut else source[at:]))
    answer("--suite", "own.yaml", "--dry-run", "--load", "broken.py")


@pytest.mark.parametrize(
    "path", ["missing.py", "data", "own.npz", "own.yaml", "", "x" * 300 + ".py"]
)
def test_a_path_of_no_method(answer: Answer, path: str) -> None:
    assert answer("--suite", "own.yaml", "--dry-run", "--load", path) == 2


def test_a_method_loaded_twice(answer: Answer, write: Write) -> None:
    write("method.py", METHOD.encode())
    load = ("--load", "method.py")
    assert answer("--suite", "own.yaml", "--dry-run", *load) == 0
    assert answer("--suite", "own.yaml", "--dry-run", *load, *load) == 2
