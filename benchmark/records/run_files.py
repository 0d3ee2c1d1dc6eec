"""The files of runs: loose in a results folder, or packed in archives there."""

import errno
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Protocol

from core.errors import UserError

RUNS = "runs"
ARCHIVES = "archives"
SUPERSEDED = "superseded"
PREDICTIONS = "predictions.npz"
LOGITS = "logits.npz"
MAPS = "maps.npz"  # some label maps of test samples, true and predicted
# All that lies beside a record but weights, which are too large to be kept for ever.
ARRAYS = (PREDICTIONS, LOGITS, MAPS)


class RunFile(Protocol):
    """A file of a run that can be read; a `Path` is one."""

    @property
    def name(self) -> str:
        """Its name without its folder."""

    @property
    def stem(self) -> str:
        """Its name without the last suffix."""

    def read_bytes(self) -> bytes:
        """Its content; raises FileNotFoundError or another OSError."""


@dataclass(frozen=True)
class ArchivedFile:
    """A file in an archive; as text, its path as if the archive were a folder."""

    archive: zipfile.ZipFile
    member: str

    def __str__(self) -> str:
        return f"{self.archive.filename}/{self.member}"

    @property
    def name(self) -> str:
        return PurePath(self.member).name

    @property
    def stem(self) -> str:
        return PurePath(self.member).stem

    def read_bytes(self) -> bytes:
        try:
            return self.archive.read(self.member)
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, "not in the archive", str(self)) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            raise OSError(errno.EIO, "damaged in the archive", str(self)) from None


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open an archive of records.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise UserError(
            f"{path} is not a readable archive of records ({reason}); put it there anew, or move "
            "it aside with 'run_benchmark.py doctor --repair'"
        ) from None


def beside(file: RunFile, name: str) -> RunFile:
    """The file of this name beside another, which need not be there."""
    if isinstance(file, ArchivedFile):
        return ArchivedFile(file.archive, str(PurePath(file.member).with_name(name)))
    assert isinstance(file, Path)
    return file.with_name(name)


class RunFiles:
    """Where the files of runs lie: `<key>.json` and, beside it, `<key>.<suffix>`.

    A run whose record is loose has all its files loose. Another's are in the first of the archives
    (`*.zip`, in the order of their names) that has its record. Archives are only read, and are
    looked at once. Records that a later training under the same key took the place of are
    `<key>.<n>.json`, n from 1, in a folder of their own, inside archives too.

    Args:
        runs: folder of the loose files.
        archives: folder of the archives; None where there can be none.
        superseded: folder of loose superseded records; None likewise.
    """

    def __init__(
        self, runs: Path, archives: Path | None = None, superseded: Path | None = None
    ) -> None:
        self._runs = runs
        self._archives_folder = archives
        self._superseded = superseded

    @classmethod
    def of(cls, results: Path) -> "RunFiles":
        """The files of a results folder."""
        return cls(results / RUNS, results / ARCHIVES, results / SUPERSEDED)

    def __str__(self) -> str:
        return str(self._runs)

    def loose(self, key: str, suffix: str = "json") -> Path:
        """Where a file of a run is, if it is loose, and where it is written."""
        return self._runs / f"{key}.{suffix}"

    def find(self, key: str, suffix: str = "json") -> RunFile:
        """A file of a run, loose or archived; the loose place where it is missing."""
        archive = self._home.get(key)
        name = f"{key}.{suffix}"
        if archive is None or name not in archive.NameToInfo or self.loose(key).exists():
            return self.loose(key, suffix)
        return ArchivedFile(archive, name)

    def has(self, key: str) -> bool:
        """Whether a run has a record of its own, which may be unreadable."""
        return self.loose(key).exists() or key in self._home

    def all_keys(self) -> list[str]:
        """The keys of all records, whether these can be read or not, in order."""
        loose = {path.stem for path in self._runs.glob("*.json")}
        return sorted(loose | self._home.keys())

    def superseded(self, key: str = "") -> list[RunFile]:
        """The superseded records of a key, or of all, loose and archived."""
        beginning = f"{key}." if key else ""
        files: list[RunFile] = []
        if self._superseded is not None:
            files += sorted(self._superseded.glob(f"{beginning}*.json"))
        for archive in self.archives:
            for member in archive.namelist():
                if member.startswith(f"{SUPERSEDED}/{beginning}") and member.endswith(".json"):
                    files.append(ArchivedFile(archive, member))
        return files

    def trainings(self, key: str) -> Iterator[RunFile]:
        """The record of a key, which need not be there, then those that it superseded."""
        yield self.find(key)
        yield from self.superseded(key)

    @cached_property
    def archives(self) -> list[zipfile.ZipFile]:
        """All archives, open.

        Raises:
            UserError: one cannot be read. Were it left out, its runs would be done again.
        """
        paths = sorted(self._archives_folder.glob("*.zip") if self._archives_folder else ())
        return [open_archive(path) for path in paths]

    @cached_property
    def _home(self) -> dict[str, zipfile.ZipFile]:
        """Key -> the archive that has the record."""
        return {
            member.removesuffix(".json"): archive
            for archive in reversed(self.archives)
            for member in archive.namelist()
            if member.endswith(".json") and "/" not in member
        }
