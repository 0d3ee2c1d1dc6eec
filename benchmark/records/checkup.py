"""What is wrong in a results folder: corrupt, foreign and left-over files."""

import hashlib
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmark.records.record import Record
from benchmark.records.record_file import read_record
from benchmark.records.result import WEIGHTS
from benchmark.records.run_files import (
    ARCHIVES,
    ARRAYS,
    RUNS,
    SUPERSEDED,
    ArchivedFile,
    RunFile,
    beside,
    open_archive,
)
from benchmark.records.store import ResultStore
from core.errors import UserError

ASIDE = "aside"
FRESH = 3600  # seconds; a younger file may be about to be finished by a process elsewhere


@dataclass(frozen=True)
class Finding:
    """Something wrong in a results folder.

    Attributes:
        problem: what, as a sentence without its full stop.
        files: what a repair moves aside; empty where nothing can be repaired by that.
    """

    problem: str
    files: tuple[Path, ...] = ()


def check_archives(results: Path) -> Iterator[Finding]:
    """Look at the archives of records as files; what is in them is left to `check_results`."""
    for path in sorted((results / ARCHIVES).glob("*")):
        if path.suffix != ".zip":
            yield Finding(f"{path} is no archive of records; it is left alone")
            continue
        try:
            open_archive(path).close()
        except UserError as error:
            yield Finding(str(error), (path,))


def check_results(store: ResultStore) -> Iterator[Finding]:
    """Look at every record and the files beside it, while others may write to the folder.

    Weights, predictions and logits are held against the digests in their records, so every file is
    read.

    Raises:
        UserError: an archive of records cannot be read.
    """
    lineage = _Lineage()
    yield from _check_loose(store, lineage)
    yield from _check_superseded(store, lineage)
    for archive in store.files.archives:
        yield from _check_archived(archive, lineage)
    yield from lineage.gaps()


def _check_loose(store: ResultStore, lineage: "_Lineage") -> Iterator[Finding]:
    runs = store.folder / RUNS
    busy = set(store.claims.overview().held)
    listed: set[Path] = set()
    for path in sorted(runs.glob("*.json")):
        try:
            record = read_record(path)
        except FileNotFoundError:
            continue
        except UserError as error:
            yield Finding(f"{error}; its run will be done again", _beside(path))
            continue
        if record.key != path.stem:
            yield Finding(f"{path} holds the record of run {record.key}", (path,))
            continue
        listed.update(_beside(path))
        lineage.add(path, record)
        yield from _check_files(path, record)
    for path in sorted(entry for entry in runs.glob("*") if entry not in listed):
        key, _, kind = path.name.lstrip(".").partition(".")
        if path.suffix == ".json" or key in busy or is_fresh(path):
            continue
        if path.name.startswith(".") and path.suffix == ".tmp":
            yield Finding(f"{path} was left half-written by a process that died", (path,))
        elif kind in (*ARRAYS, WEIGHTS):
            yield Finding(f"{path} belongs to no finished run", (path,))
        else:
            yield Finding(f"{path} is no file of this benchmark; it is left alone")


def _check_superseded(store: ResultStore, lineage: "_Lineage") -> Iterator[Finding]:
    for path in sorted((store.folder / SUPERSEDED).glob("*.json")):
        yield from _check_kept(path, path.stem.partition(".")[0], lineage)


def _check_archived(archive: zipfile.ZipFile, lineage: "_Lineage") -> Iterator[Finding]:
    for member in archive.namelist():
        file = ArchivedFile(archive, member)
        if member.endswith(".json"):
            yield from _check_kept(file, file.name.partition(".")[0], lineage)


def _check_kept(file: RunFile, key: str, lineage: "_Lineage") -> Iterator[Finding]:
    """Check a record that is not written again, which a repair cannot help."""
    try:
        record = read_record(file)
    except UserError as error:
        yield Finding(str(error))
        return
    if record.key != key:
        yield Finding(f"{file} holds the record of run {record.key}")
        return
    lineage.add(file, record)
    yield from _check_files(file, record)


class _Lineage:
    """Which trainings of a teacher have a record, and which students learned from."""

    def __init__(self) -> None:
        self._trained: set[str] = set()
        self._weights: set[str | None] = set()
        self._learned: list[tuple[str, str, str]] = []

    def add(self, file: RunFile, record: Record) -> None:
        self._trained.add(record.key)
        self._weights.add(record.files.get(WEIGHTS))
        if record.spec.teacher is not None and record.teacher_weights is not None:
            self._learned.append((str(file), record.spec.teacher.key, record.teacher_weights))

    def gaps(self) -> Iterator[Finding]:
        """Students of trainings whose record is gone, though the teacher has another."""
        for student, teacher, weights in self._learned:
            if teacher in self._trained and weights not in self._weights:
                yield Finding(
                    f"{student} learned from a training of its teacher, {teacher}, that has no "
                    "record here; the teacher was trained again"
                )


def move_aside(store: ResultStore, findings: list[Finding]) -> list[tuple[Path, Path]]:
    """Move the files of findings into `<results>/aside/<time>/`; nothing is deleted.

    Returns:
        (old place, new place) of each moved file.

    Raises:
        ResultsFolderError: the folder cannot be written to.
    """
    moved: list[tuple[Path, Path]] = []
    folder = store.folder / ASIDE / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    with store.writing():
        for path in dict.fromkeys(path for finding in findings for path in finding.files):
            if path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                target = folder / path.name
                path.rename(target)
                moved.append((path, target))
    return moved


def _beside(record: Path) -> tuple[Path, ...]:
    """A loose record's file and those beside it that are there."""
    names = (f"{record.stem}.{suffix}" for suffix in ("json", *ARRAYS, WEIGHTS))
    return tuple(path for name in names if (path := record.with_name(name)).exists())


def _check_files(file: RunFile, record: Record) -> Iterator[Finding]:
    """Hold the files beside a record against it; those of a loose run can be moved aside."""
    loose = isinstance(file, Path) and file.parent.name == RUNS
    for name, digest in record.files.items():
        # Weights may be thrown away, and only loose runs have any: a teacher that is still needed
        # is trained again.
        if name == WEIGHTS and not loose:
            continue
        other = beside(file, f"{file.stem}.{name}")
        try:
            found = hashlib.sha256(other.read_bytes()).hexdigest()
        except FileNotFoundError:
            if name != WEIGHTS:
                yield Finding(f"{other}, which its record lists, is missing")
            continue
        except OSError as error:
            yield Finding(f"{other} cannot be read: {error.strerror}")
            continue
        if found == digest:
            continue
        files: tuple[Path, ...] = ()
        if isinstance(file, Path) and isinstance(other, Path) and loose:
            # A student can do without its weights; without its predictions the record is not whole.
            files = (other,) if name == WEIGHTS else _beside(file)
        yield Finding(f"{other} is not the file that its record describes", files)


def is_fresh(path: Path) -> bool:
    """Whether a file changed less than `FRESH` seconds ago, or is gone meanwhile."""
    try:
        return abs(time.time() - path.stat().st_mtime) < FRESH
    except FileNotFoundError:
        return True
