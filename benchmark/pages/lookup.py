"""From what a user names - a key, its beginning, a file, a folder - to records."""

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.records.predictions import unpack_predictions
from benchmark.records.record import Record
from benchmark.records.record_file import read_record
from benchmark.records.store import PREDICTIONS, RUNS, ResultStore
from core.errors import UserError

MOST_CANDIDATES = 10


class FileState(StrEnum):
    """How a file beside a record compares with what the record says of it."""

    WHOLE = "there, matches its digest"
    CHANGED = "there, differs from its digest"
    MISSING = "missing"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True)
class StoredRun:
    """A record and the file that it was read from; `path` ends in .json."""

    record: Record
    path: Path

    def beside(self, name: str) -> Path:
        """Where a file of this run lies, such as `predictions.npz`."""
        return self.path.with_name(f"{self.path.stem}.{name}")

    def file_state(self, name: str) -> FileState:
        """Whether a file that the record lists is there and is the one that it describes."""
        try:
            with self.beside(name).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            return FileState.MISSING
        except OSError:
            return FileState.UNREADABLE
        return FileState.WHOLE if digest == self.record.files.get(name) else FileState.CHANGED

    def predictions(self) -> dict[str, NDArray[np.int64]]:
        """Test samples, their classes and predictions, as `ResultStore.read_predictions`.

        Raises:
            UserError: the file is missing or not the one that the record describes.
        """
        path, state = self.beside(PREDICTIONS), self.file_state(PREDICTIONS)
        if state is not FileState.WHOLE:
            raise UserError(f"the predictions {path}: {state}")
        return unpack_predictions(path.read_bytes())

    def neighbour(self, key: str) -> "StoredRun | None":
        """The run of another key in the same folder; None where it has no readable record."""
        path = self.path.with_name(f"{key}.json")
        try:
            record = read_record(path)
        except (FileNotFoundError, UserError):
            return None
        return StoredRun(record, path) if record.key == key else None

    def teacher(self) -> "StoredRun | None":
        """The run that trained the teacher; None without one, or where its record is not here."""
        spec = self.record.spec.teacher
        return None if spec is None else self.neighbour(spec.key)


@dataclass(frozen=True)
class ResultsFolder:
    """All records of a results folder by key, and the reasons why others cannot be read."""

    path: Path
    records: Mapping[str, Record]
    unreadable: Sequence[str]


def find_run(text: str, results: Path) -> StoredRun:
    """Find the one run that `text` names.

    Args:
        text: a key, the beginning of one, or the path of a record.
        results: the results folder where keys are looked for.

    Raises:
        UserError: no such run, more than one, or its record cannot be read.
    """
    if _is_path(text):
        return _read(Path(text))
    keys = _keys(results)
    candidates = [text] if text in keys else [key for key in keys if text and key.startswith(text)]
    if not candidates and Path(text).is_dir():
        return _read(Path(text))
    if not candidates:
        raise UserError(_unknown(text, keys, results))
    if len(candidates) > 1:
        raise UserError(
            f"{len(candidates)} runs in {results} begin with '{text}', give more of the key:",
            _examples(results, candidates),
        )
    return _read(_path(results, candidates[0]))


def read_folder(folder: Path) -> ResultsFolder:
    """Read all records of a results folder.

    Raises:
        UserError: it is missing, or no record is there, or none can be read.
    """
    if not _keys(folder):
        raise UserError(
            f"{folder} holds no records: expected a results folder, with records in "
            f"{folder / RUNS}; name one that --results has written to"
        )
    store = ResultStore(folder)
    records = {record.key: record for record in store.records()}
    unreadable = list(store.unreadable.values())
    if not records:
        raise UserError(
            f"no record in {folder} can be read (records there: {len(unreadable)}): "
            f"{unreadable[0]}; name another folder, or train its runs again"
        )
    return ResultsFolder(folder, records, unreadable)


def _is_path(text: str) -> bool:
    return text.endswith(".json") or len(Path(text).parts) > 1


def _path(results: Path, key: str) -> Path:
    return results / RUNS / f"{key}.json"


def _keys(results: Path) -> list[str]:
    if not results.is_dir():
        found = "is a file" if results.exists() else "does not exist"
        raise UserError(f"the results folder {results} {found}; name another with --results")
    return sorted(path.stem for path in (results / RUNS).glob("*.json"))


def _read(path: Path) -> StoredRun:
    if path.is_dir():
        raise UserError(f"{path} is a folder, expected a run; 'diff' compares two folders")
    if path.is_file() and path.suffix != ".json":
        raise UserError(f"{path} is not a record; name a run's .json file, or its key")
    try:
        return StoredRun(read_record(path), path)
    except FileNotFoundError:
        raise UserError(f"no record {path}; name a run's key or the path of its .json") from None
    except UserError as error:
        raise UserError(
            f"{error}; read it with the version that wrote it, or remove it and train its run again"
        ) from None


def _unknown(text: str, keys: Sequence[str], results: Path) -> str:
    # A typing error in the beginning of a key is nearest to the same length of the right one.
    beginnings = {key[: len(text)]: key for key in reversed(keys)}
    close = difflib.get_close_matches(text, beginnings, n=1, cutoff=0.75)
    hint = "give a key or the beginning of one"
    if close:
        key = beginnings[close[0]]
        hint = f"the nearest is {key} ({_description(results, key)})"
    return f"no run '{text}' in {results} (runs there: {len(keys)}); {hint}"


def _examples(results: Path, candidates: Sequence[str]) -> list[str]:
    lines = [f"{key}  {_description(results, key)}" for key in candidates[:MOST_CANDIDATES]]
    if len(candidates) > MOST_CANDIDATES:
        lines.append(f"and {len(candidates) - MOST_CANDIDATES} more")
    return lines


def _description(results: Path, key: str) -> str:
    try:
        return read_record(_path(results, key)).description
    except (FileNotFoundError, UserError):
        return "not a readable record"
