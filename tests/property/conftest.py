"""Wrong input of any kind: the command line is called with it, and its answer is judged."""

import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import settings

from benchmark.cli import main
from benchmark.records.record_file import encode_record
from benchmark.records.store import ResultStore
from core.registry import Registry
from methods import METHODS
from methods.registry import PLUGINS

MEASURED = Path(__file__).parents[2] / "results" / "measured"
LONGEST_ANSWER = 2100  # characters; a whole suite that is echoed is no clear sentence
SUITE = {
    "name": "own",
    "scenario": "cross_modal",
    "datasets": [{"name": "own", "npz": "own.npz", "teacher": "S2", "student": "S1"}],
    "methods": ["kd_v1"],
    "seeds": 2,
}

# The same inputs each time, so that the tests fail by a change of the product alone.
settings.register_profile(
    "the same each time", derandomize=True, database=None, deadline=None, max_examples=250
)
settings.load_profile("the same each time")


@dataclass(frozen=True)
class Place:
    """A working folder with valid data, a suite, records, and a user's method to break.

    Attributes:
        folder: the current folder of all commands.
        data: the data folder, outside of it.
    """

    folder: Path
    data: Path

    def write(self, name: str, content: bytes) -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def answer(self, *arguments: str, codes: tuple[int, ...] = (0, 2)) -> int:
        """Call the command line, judge its answer and return its exit code.

        An exception that the command line lets through is the caller's: the user would see a
        traceback. So does a warning, which is an error in all tests.
        """
        before = self._contents()
        with _forgotten(METHODS), _forgotten(PLUGINS), chdir(self.folder):
            code, errors = _call(arguments)
        assert code in codes, (code, errors)
        if code == 2:
            assert _is_usage(errors) or _is_sentence(errors), errors
            assert self._contents().keys() == before.keys()
            assert self._contents() == before
        else:
            assert not errors
        return code

    def _contents(self) -> dict[Path, tuple[int, int]]:
        found = [path for folder in (self.folder, self.data) for path in folder.rglob("*")]
        # Of a folder the names in it; its time changes where `doctor` tries to write to it.
        return {
            path: (0, 0) if path.is_dir() else (path.stat().st_size, path.stat().st_mtime_ns)
            for path in found
        }


def _call(arguments: tuple[str, ...]) -> tuple[object, str]:
    # As of a process: text that is not valid Unicode cannot be printed, but to standard error.
    output = TextIOWrapper(BytesIO(), encoding="utf-8", errors="strict")
    errors = TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace")
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            code: object = main(arguments)
        except SystemExit as stopped:  # of argparse
            code = stopped.code
        output.flush()
        errors.flush()
    return code, errors.buffer.getvalue().decode()


def _is_usage(errors: str) -> bool:
    return errors.startswith("usage: run_benchmark.py") and ": error: " in errors


def _is_sentence(errors: str) -> bool:
    sentence, *entries = errors.removesuffix("\n").split("\n")
    return (
        sentence.startswith("error: ")
        and all(entry.startswith("  ") for entry in entries)
        and all(line.isprintable() for line in (sentence, *entries))
        and len(errors) <= LONGEST_ANSWER
        and "Traceback" not in errors
    )


class _forgotten:  # noqa: N801
    """What a user's file registers is forgotten at the end, as it is at the end of a process."""

    def __init__(self, registry: Registry[object]) -> None:
        self._registry = registry

    def __enter__(self) -> None:
        self._known = set(self._registry)

    def __exit__(self, *_: object) -> None:
        for name in set(self._registry) - self._known:
            self._registry.remove(name)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, miniature_data: Path) -> Iterator[Place]:
    """Made once; a test breaks a copy, or a file that it puts back."""
    place = Place(tmp_path_factory.mktemp("place"), miniature_data)
    (place.folder / "data").symlink_to(miniature_data, target_is_directory=True)
    random = np.random.default_rng(0)
    np.savez(
        place.folder / "own.npz",
        S2=random.integers(0, 4000, (60, 3, 8, 8)).astype(np.int16),
        S1=random.normal(-12, 3, (60, 2, 8, 8)).astype(np.float16),
        labels=np.repeat(np.arange(3), 20),
        groups=np.tile(np.arange(10), 6),
        class_names=np.array(["a", "b", "c"]),
    )
    place.write("own.yaml", yaml.safe_dump(SUITE).encode())
    for record in islice(ResultStore(MEASURED).records(), 4):
        place.write(f"results/runs/{record.key}.json", encode_record(record))
    modules = set(sys.modules)
    # What later calls find done: the miniature data is prepared.
    assert place.answer("--suite", "table1", "--smoke", "--dry-run") == 0
    yield place
    for name in set(sys.modules) - modules:
        if name.startswith("user_method_"):
            del sys.modules[name]


@pytest.fixture(scope="session")
def answer(place: Place) -> Callable[..., int]:
    """Call the command line, judge its answer and return its exit code."""
    return place.answer


@pytest.fixture(scope="session")
def write(place: Place) -> Callable[[str, bytes], Path]:
    """Put a file into the folder that the command line is called in."""
    return place.write
