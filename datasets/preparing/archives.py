"""Files of a distribution by name, whether it is a zip archive or a folder it was extracted to."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Protocol

from core.errors import UserError


class Files(Protocol):
    """Read access to a tree of files; safe to read from several threads.

    Attributes:
        origin: the archive or folder.
        names: paths below it with forward slashes, in the order that the source lists them, which
            means nothing; hidden files and what macOS adds to archives are left out.
    """

    origin: Path
    names: tuple[str, ...]

    def read(self, name: str) -> bytes:
        """Content of one file; UserError where it cannot be read."""
        ...


class FolderFiles:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.origin = folder
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        self.names = tuple(path.as_posix() for path in paths if _is_content(path.parts))

    def read(self, name: str) -> bytes:
        return _read_file(self.origin / name)


class SingleFile:
    """A file that is no archive of others, such as one of MATLAB."""

    def __init__(self, path: Path) -> None:
        self.origin = path
        self.names: tuple[str, ...] = (path.name,)

    def read(self, name: str) -> bytes:
        return _read_file(self.origin)


class ZipFiles:
    """The members of a zip archive; nothing is ever extracted to disk.

    Raises:
        UserError: no zip archive, a truncated one, or one with a member outside its own folder.
    """

    def __init__(self, archive: Path) -> None:
        self.origin = archive
        try:
            self._zip = zipfile.ZipFile(archive)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
            raise UserError(
                f"cannot read {archive} as a zip archive ({error}); it may be truncated: fetch it "
                "again"
            ) from None
        members = [info.filename for info in self._zip.infolist() if not info.is_dir()]
        for name in members:
            if _climbs_out(name):
                self._zip.close()
                raise UserError(
                    f"{archive}: the path of member '{name}' leads out of the archive, expected "
                    "paths below its top folder; fetch the official archive"
                )
        self.names = tuple(name for name in members if _is_content(PurePosixPath(name).parts))

    def read(self, name: str) -> bytes:
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
            # RuntimeError: encrypted members and, as NotImplementedError, unknown compression.
            raise UserError(
                f"{self.origin}: cannot read member {name} ({error}); fetch the archive again"
            ) from None

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()


@contextmanager
def open_files(path: Path) -> Iterator[Files]:
    """Open a folder, a zip archive or a single file for the time of a `with` block.

    Raises:
        UserError: the archive cannot be read or is not safe.
    """
    if path.is_dir():
        yield FolderFiles(path)
    elif path.suffix != ".zip":
        yield SingleFile(path)
    else:
        with closing(ZipFiles(path)) as files:
            yield files


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None


def _climbs_out(name: str) -> bool:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    parts = (*posix.parts, *windows.parts)
    return posix.is_absolute() or bool(windows.anchor) or ".." in parts


def _is_content(parts: tuple[str, ...]) -> bool:
    return parts[0] != "__MACOSX" and not any(part.startswith(".") for part in parts)
