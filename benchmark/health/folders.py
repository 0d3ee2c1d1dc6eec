"""The folders that a command writes to or reads."""

import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmark.health.note import Note

SCARCE = 5 * 2**30  # bytes; the weights of tables 1 and 2's teachers take about 3 GB
SKEW = 60.0  # seconds


def look_at_folders(folders: Mapping[str, Path]) -> Iterator[Note]:
    """Space, and where results and reports go also what claims rely on.

    Args:
        folders: of "results", "reports" and "data".
    """
    for name, folder in folders.items():
        place = folder.absolute()
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free
        scarce = "" if free >= SCARCE else f", less than {SCARCE / 2**30:.0f} GiB"
        there = "" if folder.exists() else "; it is made when it is needed"
        yield Note(f"{name} {folder}: {free / 2**30:.1f} GiB free{scarce}{there}", bool(scarce))
        if name != "data":
            yield from _write_access(place, name)


def _write_access(folder: Path, name: str) -> Iterator[Note]:
    """Try what results and claims rely on: create, link, rename, remove, and the clock."""
    first, second = (folder / f".doctor.{uuid.uuid4().hex}" for _ in range(2))
    try:
        try:
            first.write_bytes(b"probe")
            ahead = first.stat().st_mtime - time.time()
            try:
                os.link(first, second)
                second.unlink()
            except OSError:
                yield Note(f"{folder} has no hard links: claims rest on exclusive creation")
            first.rename(second)
        finally:
            first.unlink(missing_ok=True)
            second.unlink(missing_ok=True)
    except OSError as error:
        yield Note(f"{folder} cannot be written to: {error.strerror}", True)
        return
    if abs(ahead) > SKEW:
        yield Note(
            f"the clock of {folder} is {ahead:+.0f} seconds from this machine's: times that "
            "status shows are off by that, claims are not concerned",
            True,
        )
    elif name == "results":
        yield Note("clock and file system agree to a minute")
