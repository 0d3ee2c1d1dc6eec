"""Snapshots: where a training that was stopped goes on, and what is wrong among them.

A snapshot is one file: the state of a training between two epochs as `torch.save` writes it, and
behind it the SHA-256 of all of that. It appears by renaming, and it is checked before any of it is
loaded, so one that was cut off or changed in a single bit is noticed.

The best weights so far, which a run is judged by, are its checkpoint; they are part of a snapshot.
"""

import hashlib
import os
import re
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import torch

from benchmark.records.checkup import Finding, is_fresh
from benchmark.records.store import ResultStore
from benchmark.training.state import TrainingState
from core.files import replacing

DEFAULT_MINUTES = 10.0
_FORMAT = 3  # of the file; part of what a snapshot must agree in
_DIGEST_BYTES = hashlib.sha256().digest_size
_BLOCK = 1 << 20
_OWN = re.compile(r"\.?(?P<key>[0-9a-f]{20})\.pt(?P<half>\.[0-9a-f]+\.tmp)?")


class Snapshots:
    """The snapshot of one run, of which there is at most one.

    Nothing that goes wrong with it stops a training: it is a convenience, unlike the record.

    Args:
        folder: where snapshots lie; made when the first is written.
        key: the run's key.
        made_with: what a snapshot must agree in to be used, beside the key: name -> value.
        minutes: the least time between two snapshots, and before the first, at least 0; None to
            write and use none.

    Attributes:
        notes: what the user should know of, a sentence each.
    """

    def __init__(
        self, folder: Path, key: str, made_with: Mapping[str, str | int], minutes: float | None
    ) -> None:
        self.notes: list[str] = []
        self._path = folder / f"{key}.pt"
        self._key = key
        self._made_with = {"format": _FORMAT, "key": key, **made_with}
        self._minutes = minutes
        self._last = time.monotonic()
        self._failed = False

    def resume(self, training: TrainingState) -> None:
        """Let a training that has not begun go on from the snapshot, where there is one that fits.

        A file that does not fit is left alone until the next snapshot replaces it.
        """
        if self._minutes is None:
            return
        try:
            training.load_state(self._read())
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self.notes.append(
                f"the snapshot {self._path} was not used: {reason}; the run started from the "
                "beginning"
            )

    def save_if_due(self, training: TrainingState) -> None:
        """Write a snapshot if the last one is long enough ago.

        The first failure is noted; later ones are not, and each is followed by another try.
        """
        if self._minutes is None or time.monotonic() - self._last < 60 * self._minutes:
            return
        try:
            self._write(training.state())
        except Exception as error:
            if not self._failed:
                reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
                self.notes.append(
                    f"the snapshot {self._path} could not be written: {reason}; the training went "
                    "on without it"
                )
            self._failed = True
        self._last = time.monotonic()

    def remove(self) -> None:
        """Remove the snapshot, since the run has its record."""
        remove_snapshots(self._path.parent, {self._key})

    def _write(self, state: dict[str, Any]) -> None:
        self._path.parent.mkdir(exist_ok=True)
        for leftover in self._path.parent.glob(f".{self._path.name}.*.tmp"):
            leftover.unlink()  # of a process that was killed while it wrote
        with replacing(self._path) as stream:
            output = _HashedOutput(stream)
            torch.save({"made_with": self._made_with, "state": state}, cast(IO[bytes], output))
            stream.write(output.digest())

    def _read(self) -> dict[str, Any]:
        """The state in the file, its tensors in host memory.

        Raises:
            OSError: the file cannot be read, or there is none.
            ValueError: it is damaged, or of another run or set-up.
        """
        content = _load(self._path)
        for name, now in self._made_with.items():
            then = content["made_with"].get(name)
            if then != now:
                raise ValueError(f"it was made with {name} {then}, and this run has {now}")
        state: dict[str, Any] = content["state"]
        return state


def remove_snapshots(folder: Path, keys: Container[str]) -> None:
    """Remove the snapshots of these runs, and what is left of ones that were never finished."""
    for path in folder.glob("*.pt*"):
        if path.name.lstrip(".").split(".")[0] in keys:
            with suppress(OSError):  # it does no harm
                path.unlink()


def check_snapshots(store: ResultStore) -> Iterator[Finding]:
    """Look at every snapshot, while others may write to the folder.

    A snapshot without a record and without a claim is in order: its run was stopped.
    """
    busy = set(store.claims.overview().held)
    for path in sorted(store.snapshots.glob("*")):
        name = _OWN.fullmatch(path.name)
        if name is None:
            yield Finding(f"{path} is no file of this benchmark; it is left alone")
        elif name["key"] in busy:
            continue
        elif name["half"] is not None:
            if not is_fresh(path):
                yield Finding(f"{path} was left half-written by a process that died", (path,))
        elif store.result(name["key"]) is not None:
            if path.exists():  # not removed meanwhile by the process that did the run
                yield Finding(f"{path} is a snapshot of a run that is done", (path,))
        else:
            yield from _check_content(path, name["key"])


def _check_content(path: Path, key: str) -> Iterator[Finding]:
    try:
        found: str = _load(path)["made_with"]["key"]
    except FileNotFoundError:  # its run went on and was done meanwhile
        return
    except OSError as error:
        yield Finding(f"{path} cannot be read: {error.strerror}")
        return
    except ValueError as error:
        yield Finding(f"{path} is no snapshot to go on from: {error}", (path,))
        return
    if found != key:
        yield Finding(f"{path} holds the snapshot of run {found}", (path,))


def _load(path: Path) -> dict[str, Any]:
    """The content of a snapshot, after its digest was checked.

    Raises:
        OSError: the file cannot be read, or there is none.
        ValueError: it is damaged.
    """
    with path.open("rb") as stream:
        left = os.fstat(stream.fileno()).st_size - _DIGEST_BYTES
        digest = hashlib.sha256()
        while left > 0 and (block := stream.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
        if stream.read() != digest.digest():
            raise ValueError("it is damaged")
        stream.seek(0)
        try:
            content: dict[str, Any] = torch.load(stream, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"PyTorch cannot load it ({type(error).__name__})") from error
    return content


class _HashedOutput:
    """Passes on what `torch.save` writes, and hashes it on the way.

    An error is kept until the digest is asked for: raised inside PyTorch's writer, it would come
    back as another one, and an interruption would be taken for a full disk.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._error: BaseException | None = None

    def write(self, content: bytes) -> int:
        if self._error is None:
            try:
                self._hash.update(content)
                self._stream.write(content)
            except BaseException as error:
                self._error = error
        return len(content)

    def flush(self) -> None:
        """Nothing: the file is flushed as a whole."""

    def digest(self) -> bytes:
        """SHA-256 of all that was written; raises what went wrong while writing."""
        if self._error is not None:
            raise self._error
        return self._hash.digest()
