"""From what a user names - a key, its beginning, a file, a folder - to records."""

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.records.label_maps import LabelMaps, unpack_label_maps
from benchmark.records.predictions import unpack_predictions
from benchmark.records.record import Record
from benchmark.records.record_file import read_record
from benchmark.records.result import WEIGHTS
from benchmark.records.run_files import MAPS, PREDICTIONS, RUNS, RunFile, RunFiles, beside
from benchmark.records.store import ResultStore
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
    """A record, the file that it was read from, and the others of its folder.

    `path` ends in .json.
    """

    record: Record
    path: RunFile
    folder: RunFiles

    def beside(self, name: str) -> RunFile:
        """A file of this run, such as `predictions.npz`, which need not be there."""
        return beside(self.path, f"{self.path.stem}.{name}")

    def file_state(self, name: str) -> FileState:
        """Whether a file that the record lists is there and is the one that it describes."""
        try:
            digest = hashlib.sha256(self.beside(name).read_bytes()).hexdigest()
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
        return unpack_predictions(self._content(PREDICTIONS, "predictions"))

    def maps(self) -> LabelMaps:
        """Label maps of some test samples.

        Raises:
            UserError: the run has none, or their file is missing or not the one that the record
                describes.
        """
        if MAPS not in self.record.files:
            raise UserError(
                f"run {self.record.key} has no label maps, which are kept where each pixel has a "
                "class; show it without --pictures"
            )
        content = self._content(MAPS, "label maps")
        return unpack_label_maps(content, self.record.data.class_names)

    def weights(self) -> bytes:
        """The weights of the deployed networks, as they are stored.

        Raises:
            UserError: the run kept none, or their file is missing or not the one that the record
                describes.
        """
        if WEIGHTS not in self.record.files:
            raise UserError(
                f"run {self.record.key} kept no weights, as only runs that can be teachers do by "
                "themselves; remove its record and train it again with --keep-weights"
            )
        mend = (
            "; put the run's own there, or remove its record and train it again with --keep-weights"
        )
        return self._content(WEIGHTS, "weights", mend)

    def _content(self, name: str, what: str, mend: str = "") -> bytes:
        """The content of a file beside the record, if it is the one that the record describes."""
        path, state = self.beside(name), self.file_state(name)
        if state is not FileState.WHOLE:
            raise UserError(f"the {what} {path}: {state}{mend}")
        return path.read_bytes()

    def neighbour(self, key: str) -> "StoredRun | None":
        """The run of another key in the same folder; None where it has no readable record."""
        return next(self._trainings(key), None)

    def teacher(self) -> "StoredRun | None":
        """The run that trained the teacher; None without one, or where its record is not here.

        Of several trainings of it, the one whose weights this run learned from.
        """
        spec, weights = self.record.spec.teacher, self.record.teacher_weights
        for run in self._trainings(spec.key) if spec else ():
            if weights in (None, run.record.files.get(WEIGHTS)):
                return run
        return None

    def _trainings(self, key: str) -> Iterator["StoredRun"]:
        """The readable records of a key, the current one first."""
        for file in self.folder.trainings(key):
            try:
                record = read_record(file)
            except (FileNotFoundError, UserError):
                continue
            if record.key == key:
                yield StoredRun(record, file, self.folder)


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
        return _read_path(Path(text))
    files = _files(results)
    keys = files.all_keys()
    candidates = [text] if text in keys else [key for key in keys if text and key.startswith(text)]
    if not candidates and Path(text).is_dir():
        return _read_path(Path(text))
    if not candidates:
        raise UserError(_unknown(text, keys, results, files))
    if len(candidates) > 1:
        raise UserError(
            f"{len(candidates)} runs in {results} begin with '{text}', give more of the key:",
            _examples(files, candidates),
        )
    return _read(files.find(candidates[0]), files)


def read_folder(folder: Path) -> ResultsFolder:
    """Read all records of a results folder.

    Raises:
        UserError: it is missing, or no record is there, or none can be read.
    """
    if not _files(folder).all_keys():
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


def _files(results: Path) -> RunFiles:
    if not results.is_dir():
        found = "is a file" if results.exists() else "does not exist"
        raise UserError(f"the results folder {results} {found}; name another with --results")
    return RunFiles.of(results)


def _read_path(path: Path) -> StoredRun:
    if path.is_dir():
        raise UserError(f"{path} is a folder, expected a run; 'diff' compares two folders")
    if path.is_file() and path.suffix != ".json":
        raise UserError(f"{path} is not a record; name a run's .json file, or its key")
    around = path.parent
    inside = around.name == RUNS  # a results folder
    return _read(path, RunFiles.of(around.parent) if inside else RunFiles(around))


def _read(file: RunFile, folder: RunFiles) -> StoredRun:
    try:
        return StoredRun(read_record(file), file, folder)
    except FileNotFoundError:
        raise UserError(f"no record {file}; name a run's key or the path of its .json") from None
    except UserError as error:
        raise UserError(
            f"{error}; read it with the version that wrote it, or remove it and train its run again"
        ) from None


def _unknown(text: str, keys: Sequence[str], results: Path, files: RunFiles) -> str:
    # A typing error in the beginning of a key is nearest to the same length of the right one.
    beginnings = {key[: len(text)]: key for key in reversed(keys)}
    close = difflib.get_close_matches(text, beginnings, n=1, cutoff=0.75)
    hint = "give a key or the beginning of one"
    if close:
        key = beginnings[close[0]]
        hint = f"the nearest is {key} ({_description(files, key)})"
    return f"no run '{text}' in {results} (runs there: {len(keys)}); {hint}"


def _examples(files: RunFiles, candidates: Sequence[str]) -> list[str]:
    lines = [f"{key}  {_description(files, key)}" for key in candidates[:MOST_CANDIDATES]]
    if len(candidates) > MOST_CANDIDATES:
        lines.append(f"and {len(candidates) - MOST_CANDIDATES} more")
    return lines


def _description(files: RunFiles, key: str) -> str:
    try:
        return read_record(files.find(key)).description
    except (FileNotFoundError, UserError):
        return "not a readable record"
