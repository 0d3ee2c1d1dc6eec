"""Folders that are either whole or not there, made by one process at a time."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from core.errors import UserError


def make_folder(
    folder: Path, is_whole: Callable[[Path], bool], fill: Callable[[Path], None]
) -> None:
    """Make a folder unless it is whole already; other processes that want it wait meanwhile.

    It is filled under another name and renamed when `fill` is done, so that what an interruption
    leaves behind cannot be taken for it. Such leftovers, and a folder that is not whole, are
    removed.

    Args:
        folder: what to make; its parent is created.
        is_whole: whether the folder is as it should be.
        fill: writes the content into the empty folder that it is given.

    Raises:
        UserError: the folder cannot be written.
    """
    if is_whole(folder):  # without the lock: it may be where nothing can be written
        return
    with _exclusive(folder):
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        if is_whole(folder):  # another process made it while this one waited
            return
        try:
            partial.mkdir()
            fill(partial)
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        except OSError as error:
            raise UserError(
                f"cannot write {error.filename or partial} ({error.strerror}); free space, or "
                "name another place with --data"
            ) from None
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock beside a folder; it ends with the process, however that ends."""
    lock = FileLock(folder.parent / f".{folder.name}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise UserError(
            f"cannot write to {folder.parent} ({error.strerror}), where prepared data belongs; "
            "name a writable place with --data"
        ) from None
    try:
        yield
    finally:
        lock.release()
