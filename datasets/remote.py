"""A file of an official distribution, before it is downloaded."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class RemoteFile:
    """A file on a public server.

    Attributes:
        url: http or https address.
        name: path below the data set's folder, with forward slashes.
        size: bytes, or None where no source states it.
        sha256: hexadecimal digest as published, or None; `md5` likewise.
    """

    url: str
    name: str
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None

    @property
    def file_name(self) -> str:
        """The last part of `name`."""
        return PurePosixPath(self.name).name
