"""What is wrong in a results folder: corrupt, foreign and left-over files."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmark.records.record import Record
from benchmark.records.record_file import read_record
from benchmark.records.result import WEIGHTS
from benchmark.records.store import PREDICTIONS, RUNS, ResultStore
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


def check_results(store: ResultStore) -> Iterator[Finding]:
    """Look at every record and the files beside it, while others may write to the folder.

    Weights and predictions are held against the digests in their records, so every file is read.
    """
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
        yield from _check_files(runs, record)
    for path in sorted(entry for entry in runs.glob("*") if entry not in listed):
        key, _, kind = path.name.lstrip(".").partition(".")
        if path.suffix == ".json" or key in busy or is_fresh(path):
            continue
        if path.name.startswith(".") and path.suffix == ".tmp":
            yield Finding(f"{path} was left half-written by a process that died", (path,))
        elif kind in (PREDICTIONS, WEIGHTS):
            yield Finding(f"{path} belongs to no finished run", (path,))
        else:
            yield Finding(f"{path} is no file of this benchmark; it is left alone")


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
    """A record's file and those beside it that are there."""
    names = (record.stem + suffix for suffix in (".json", f".{PREDICTIONS}", f".{WEIGHTS}"))
    return tuple(path for name in names if (path := record.with_name(name)).exists())


def _check_files(runs: Path, record: Record) -> Iterator[Finding]:
    for name, digest in record.files.items():
        path = runs / f"{record.key}.{name}"
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            # Weights may be thrown away: a teacher that is still needed is trained again.
            if name != WEIGHTS:
                yield Finding(f"{path}, which its record lists, is missing")
            continue
        except OSError as error:
            yield Finding(f"{path} cannot be read: {error.strerror}")
            continue
        if found == digest:
            continue
        # A student can do without its weights; without its predictions the record is not whole.
        files = (path,) if name == WEIGHTS else _beside(runs / f"{record.key}.json")
        yield Finding(f"{path} is not the file that its record describes", files)


def is_fresh(path: Path) -> bool:
    """Whether a file changed less than `FRESH` seconds ago, or is gone meanwhile."""
    try:
        return abs(time.time() - path.stat().st_mtime) < FRESH
    except FileNotFoundError:
        return True
