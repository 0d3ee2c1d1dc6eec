"""Files that are either whole or not there."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def write_atomically(path: Path, content: bytes, durable: bool = True) -> None:
    """Write a file so that it is either whole or not there.

    Args:
        path: of the file.
        content: all of it.
        durable: also when the machine stops, for which this waits for the disk.
    """
    with replacing(path, durable) as stream:
        stream.write(content)


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[IO[bytes]]:
    """A new file to write, which takes the place of `path` at the end of the block, or never.

    `durable` is that of `write_atomically`.
    """
    # A name that no other process on any host chooses too.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
