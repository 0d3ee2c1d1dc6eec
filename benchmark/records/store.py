"""The results folder: records, predictions and weights, written so that none is ever half there."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmark.records.advance import Advances
from benchmark.records.claims import Claims
from benchmark.records.former import FormerRecord
from benchmark.records.label_maps import LabelMaps, unpack_label_maps
from benchmark.records.predictions import pack_predictions, unpack_predictions
from benchmark.records.record import Record
from benchmark.records.record_file import encode_record, read_record, read_result
from benchmark.records.result import WEIGHTS, RunResult
from benchmark.records.run_files import (
    ARRAYS,
    LOGITS,
    MAPS,
    PREDICTIONS,
    RUNS,
    SUPERSEDED,
    RunFile,
    RunFiles,
    beside,
)
from core.collector import without_collection
from core.errors import UserError
from core.files import write_atomically

SNAPSHOTS = "snapshots"
Read = TypeVar("Read")


class ResultsFolderError(UserError):
    """The results folder cannot be written to; no run can end well until it can."""


class ResultStore:
    """Records by key in `<folder>/runs/`, for any number of processes and hosts at once.

    Records in `<folder>/archives/` count as well; nothing is written there.

    A record is written last and by renaming, so a record that exists is whole, and so are the
    files that it lists. Records are read as often as they are asked for, but `result` keeps what
    tables need of them. A run that has no record of its own is read from its former one, if
    `former` knows of one that fits; nothing is ever written there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = RunFiles.of(folder)
        self._runs = folder / RUNS
        self._failures = folder / "failures"
        self.claims = Claims(folder / "claims")
        self.advances = Advances(folder / "progress")
        self.former: dict[str, FormerRecord] = {}
        self._results: dict[str, RunResult] = {}
        self.unreadable: dict[str, str] = {}

    @property
    def snapshots(self) -> Path:
        """Where trainings in progress keep their snapshots; may not be there."""
        return self.folder / SNAPSHOTS

    def prepare(self) -> None:
        """Create the folder and check that it can be written to.

        Raises:
            ResultsFolderError: it cannot.
        """
        with self.writing():
            self._runs.mkdir(parents=True, exist_ok=True)
            write_atomically(self._runs / ".probe", b"probe")
            (self._runs / ".probe").unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn what the operating system says of a failed write into a sentence.

        Raises:
            ResultsFolderError: on any OSError inside the block.
        """
        try:
            yield
        except OSError as error:
            raise ResultsFolderError(
                f"cannot write to the results folder {self.folder}: {error.strerror}; make room "
                "there, or name another with --results, and start again: finished runs are kept"
            ) from None

    def is_complete(self, key: str) -> bool:
        """Whether a run has a readable record, and its weights are there if they were kept."""
        result = self.result(key)
        return result is not None and (not result.has_weights or self.has_weights(key))

    def lookup(self, key: str) -> Record | None:
        """The record of a finished run, or None.

        A record that cannot be read counts as absent, so that the run is done again; its reason is
        kept in `unreadable`.
        """
        return self._read(self.home(key), _read_whole)

    def result(self, key: str) -> RunResult | None:
        """What tables need of the record of a finished run, or None as `lookup`.

        The record is read at the first call alone.
        """
        if key not in self._results:
            result = self._read(self.home(key), read_result)
            if result is None:
                return None
            self._results[key] = result
        return self._results[key]

    def results_of(self, keys: Iterable[str]) -> dict[str, RunResult]:
        """By key, what tables need of the records of all finished runs among these."""
        with without_collection():
            return {key: found for key in keys if (found := self.result(key)) is not None}

    def forget(self, key: str) -> None:
        """Read a run's record anew when it is asked for again: another process has written it."""
        self._results.pop(key, None)

    def records(self) -> Iterator[Record]:
        """All readable records."""
        for key in self.files.all_keys():
            record = self.lookup(key)
            if record is not None:
                yield record

    def results(self) -> Iterator[tuple[str, RunResult]]:
        """Key and what tables need of every readable record."""
        for key in self.files.all_keys():
            result = self.result(key)
            if result is not None:
                yield key, result

    def has_weights(self, key: str) -> bool:
        """Whether the weights of a finished run are there, as a teacher's must be."""
        result = self.result(key)
        path = self.files.loose(self.home(key), WEIGHTS)
        return result is not None and result.has_weights and path.is_file()

    def read_weights(self, key: str) -> bytes:
        """The serialized weights of a finished run.

        Raises:
            UserError: they are missing or differ from what the record says.
        """
        record = self.lookup(key)
        path = self.files.loose(self.home(key), WEIGHTS)
        if record is None or not path.is_file():
            raise UserError(f"the weights {path} are missing; run again to train their run anew")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != record.files.get(WEIGHTS):
            raise UserError(
                f"the weights {path} are not those that their record describes; move them aside "
                "with 'run_benchmark.py doctor --repair' and start again"
            )
        return content

    def read_predictions(
        self, key: str, names: Collection[str] | None = None
    ) -> dict[str, NDArray[np.int64]]:
        """Test samples (`indices`), their classes (`targets`), and predictions per network.

        Where the data has groups, those of the samples are there too (`groups`, counted from 0 over
        the data set). Where `names` are given, those of them that the file has.

        Raises:
            OSError, ValueError: the file is missing, or no file of predictions.
        """
        file = self.files.find(self.home(key), PREDICTIONS)
        return unpack_predictions(file.read_bytes(), names)

    def find_predictions(
        self, key: str, names: Collection[str]
    ) -> dict[str, NDArray[np.int64]] | None:
        """As `read_predictions`; None where the file is missing or cannot be read."""
        try:
            return self.read_predictions(key, names)
        except (OSError, ValueError):
            return None

    def find_logits(
        self, key: str, names: Collection[str] | None = None
    ) -> dict[str, NDArray[np.float16]] | None:
        """Test logits per network, (n_test, C), of the samples that the predictions are of.

        Those of each sample are shifted so that the largest is 0: their softmax is the network's.

        Args:
            key: the run's key.
            names: of networks, as for predictions; None for all. Those that the file has are given.

        Returns:
            None where the file is missing, as for runs of before it was kept, or cannot be read.
        """
        try:
            return unpack_predictions(self.files.find(self.home(key), LOGITS).read_bytes(), names)
        except (OSError, ValueError):
            return None

    def find_maps(self, key: str, names: Collection[str] | None = None) -> LabelMaps | None:
        """Label maps of some test samples, with the predictions of these networks, all by default.

        None where the file is missing, as for tasks that keep none, or cannot be read.
        """
        try:
            content = self.files.find(self.home(key), MAPS).read_bytes()
            record = self.lookup(key)
            if record is None:
                return None
            return unpack_label_maps(content, record.data.class_names, names)
        except (OSError, ValueError):
            return None

    def save(
        self,
        record: Record,
        predictions: Mapping[str, NDArray[Any]],
        weights: bytes | None = None,
        others: Mapping[str, Mapping[str, NDArray[Any]]] | None = None,
    ) -> None:
        """Write a finished run: the files beside the record first, the record last.

        `others` are further arrays, by the name of their file, one of `ARRAYS`, and their own.

        A record of an earlier training under the same key is kept as superseded, with its arrays,
        so that it can still be told what students learned from.

        Raises:
            ResultsFolderError: the folder cannot be written to.
        """
        contents = {PREDICTIONS: pack_predictions(predictions)}
        contents |= {file: pack_predictions(arrays) for file, arrays in (others or {}).items()}
        if weights is not None:
            contents[WEIGHTS] = weights
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
        complete = record.model_copy(update={"files": digests})
        with self.writing():
            if self._read(record.key, _read_whole) is not None:
                self._keep_superseded(record.key)
            for suffix, content in contents.items():
                write_atomically(self.files.loose(record.key, suffix), content)
            write_atomically(self.files.loose(record.key), encode_record(complete))
        self._results.pop(record.key, None)  # of an earlier training, whose weights were removed
        with suppress(FileNotFoundError):
            (self._failures / f"{record.key}.txt").unlink()

    def _keep_superseded(self, key: str) -> None:
        """Copy a record and its arrays to where superseded ones lie, unless they are there."""
        record = self.files.find(key)
        content = record.read_bytes()
        earlier = self.files.superseded(key)
        if any(file.read_bytes() == content for file in earlier):
            return  # by a process that was stopped before it wrote the new record
        folder = self.folder / SUPERSEDED
        folder.mkdir(exist_ok=True)
        taken = {file.stem for file in earlier}
        stem = next(name for n in count(1) if (name := f"{key}.{n}") not in taken)
        for suffix in ARRAYS:
            with suppress(FileNotFoundError):
                array = beside(record, f"{key}.{suffix}").read_bytes()
                write_atomically(folder / f"{stem}.{suffix}", array)
        write_atomically(folder / f"{stem}.json", content)

    def note_failure(self, key: str, details: str) -> Path:
        """Keep the traceback of a failed run for the user; it is never taken for a result.

        Raises:
            ResultsFolderError: the folder cannot be written to.
        """
        path = self._failures / f"{key}.txt"
        with self.writing():
            self._failures.mkdir(exist_ok=True)
            write_atomically(path, details.encode())
        return path

    def failure_notes(self) -> list[Path]:
        """The notes of failed runs, `<key>.txt`; their first line is the run in short."""
        return sorted(self._failures.glob("*.txt"))

    def _read(self, key: str, read: Callable[[RunFile], tuple[str, Read]]) -> Read | None:
        """What a function reads from a run's record beside its key; None as `lookup`."""
        path = self.files.find(key)
        try:
            found, content = read(path)
        except FileNotFoundError:
            return None
        except UserError as error:
            self.unreadable[key] = str(error)
            return None
        if found != key:
            self.unreadable[key] = f"{path} holds the record of another run"
            return None
        return content

    def home(self, key: str) -> str:
        """The key under which the record of a run lies: its own, or that of a former record."""
        former = self.former.get(key)
        if former is None or self.files.has(key):
            return key
        found = self.result(former.key)
        teacher = self.result(former.teacher) if found and former.teacher else None
        precisions = {result.precision for result in (found, teacher) if result}
        return former.key if precisions == {former.precision} else key


def _read_whole(path: RunFile) -> tuple[str, Record]:
    record = read_record(path)
    return record.key, record
