"""Which process works on which run, agreed on through files that any number of hosts may share.

A claim on a run is a file `<key>.<generation>` in the claims folder. It comes into being whole and
for one process only (a hard link, which fails where the name is taken), and its owner changes its
modification time again and again: the heartbeat. The newest generation is the valid one. Where its
owner is dead, whoever manages to create the next generation takes over; nothing is ever renamed or
overwritten, so two processes cannot both succeed.

Whether an owner is dead does not depend on the time of day. On the owner's own machine it is the
process that is looked for; from another machine, a heartbeat that does not change for `PATIENCE`
seconds of the watcher's own monotonic clock.
"""

import contextlib
import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from pydantic import ValidationError

from core.models import StrictModel

BEAT = 10.0  # seconds between heartbeats
PATIENCE = 180.0  # network file systems show a change to others after a minute at most


class ClaimLostError(RuntimeError):
    """Another process has taken the run over, because this one seemed dead."""


class Owner(StrictModel):
    """The process that holds a claim, as its file says.

    Attributes:
        machine: host, boot and process namespace: where `pid` means something.
        host: name of the host, for people.
        pid: process number there.
        process_start: when the process began, in clock ticks since boot; tells it from a later one
            with the same number. None where the system does not say.
        since: when the claim was made, by the owner's clock; for people alone.
        run: the run in one short line.
        device: what it trains on.
    """

    machine: str
    host: str
    pid: int
    process_start: int | None
    since: datetime
    run: str
    device: str


class Heartbeat(NamedTuple):
    """The last sign of life of a claim: its file's name, and the modification time in ns."""

    file: str
    beat: int


class ClaimsOverview(NamedTuple):
    """The claims of a folder at one moment.

    Attributes:
        held: key -> owner, of claims whose owner is not known to be dead; None where the file
            cannot be read.
        expired: key -> last heartbeat, of claims whose owner is dead.
    """

    held: dict[str, Owner | None]
    expired: dict[str, Heartbeat]


class Claims:
    """The claims on the runs of one results folder.

    Args:
        folder: where claim files are; made when the first claim is.
        patience: seconds without a heartbeat after which an owner on another machine counts as
            dead.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._patience = patience
        # Claim file -> its modification time and when, by the monotonic clock, it was first seen.
        self._seen: dict[Path, tuple[int, float]] = {}

    def acquire(
        self, key: str, run: str, device: str, expired: Heartbeat | None = None
    ) -> "Claim | None":
        """Claim a run for this process; None where a living process holds it.

        The caller must look for the run's record after this: it may have been finished and its
        claim been dropped just before.

        Args:
            key: the run's key.
            run: the run in one short line, for people.
            device: what it will train on, for people.
            expired: what another process of this invocation has watched for long enough, from its
                `overview`.

        Raises:
            OSError: the folder cannot be written to.
        """
        generations = self.generations(key)
        if generations and not (
            self._abandoned(generations[-1], _read_owner(generations[-1]))
            or _last_beat(generations[-1]) == expired
        ):
            return None
        number = _generation(generations[-1]) + 1 if generations else 0
        path = self._folder / f"{key}.{number}"
        owner = Owner(
            machine=_machine(),
            host=socket.gethostname(),
            pid=os.getpid(),
            process_start=_process_start(os.getpid()),
            since=datetime.now(UTC),
            run=run,
            device=device,
        )
        if not _create_whole(path, owner.model_dump_json().encode()):
            return None
        return Claim(path, owner, self)

    def overview(self) -> ClaimsOverview:
        """All claims, those of living owners and those of dead ones."""
        newest: dict[str, Path] = {}
        for path in self._files(""):
            other = newest.get(path.stem)
            if other is None or _generation(path) > _generation(other):
                newest[path.stem] = path
        held: dict[str, Owner | None] = {}
        expired: dict[str, Heartbeat] = {}
        for key, path in newest.items():
            last, owner = _last_beat(path), _read_owner(path)
            if not self._abandoned(path, owner):
                held[key] = owner
            elif last is not None:
                expired[key] = last
        return ClaimsOverview(held, expired)

    def generations(self, key: str) -> list[Path]:
        """The claim files of a run, the valid one last."""
        return sorted(self._files(f"{key}."), key=_generation)

    def _files(self, beginning: str) -> list[Path]:
        """The claim files whose names begin so."""
        try:  # not glob, which would compile a pattern for every run
            paths = list(self._folder.iterdir())
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []
        own = (path for path in paths if path.name.startswith(beginning))
        return [path for path in own if path.suffix[1:].isdigit()]

    def _abandoned(self, path: Path, owner: Owner | None) -> bool:
        """Whether the owner of a claim is dead, or has given it up."""
        if owner is not None and owner.machine == _machine() and owner.process_start is not None:
            return _process_start(owner.pid) != owner.process_start
        last = _last_beat(path)
        if last is None:
            return True
        now = time.monotonic()
        beat, first_seen = self._seen.get(path, (None, now))
        if beat != last.beat:
            self._seen[path] = last.beat, now
            return False
        return now - first_seen > self._patience


class Claim:
    """A claim that this process holds; a context that drops it in the end.

    Attributes:
        shared: whether a run of another claim was on the same device of the same host, as seen at
            the start, with every heartbeat, and in the end.
    """

    def __init__(self, path: Path, owner: Owner, claims: Claims) -> None:
        self.shared = False
        self._path = path
        self._key = path.stem
        self._owner = owner
        self._claims = claims
        self._dropped = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"claim {self._key}", daemon=True)

    def __enter__(self) -> "Claim":
        self.look_around()
        self._heart.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop the claim, and the ones of dead owners before it."""
        self._dropped.set()
        self._heart.join()
        if not self._is_valid():
            return
        for path in self._claims.generations(self._key):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def require(self) -> None:
        """Check that the run is still this process's.

        Raises:
            ClaimLostError: another process has taken it over.
        """
        if not self._is_valid():
            raise ClaimLostError(
                f"another process has taken over run {self._key}, because this one gave no sign "
                "of life; its result is left to that process"
            )

    def look_around(self) -> None:
        """See whether other runs are on the same device now."""
        for key, other in self._claims.overview().held.items():
            if key != self._key and other is not None:
                here = (other.host, other.device) == (self._owner.host, self._owner.device)
                self.shared = self.shared or here

    def _is_valid(self) -> bool:
        generations = self._claims.generations(self._key)
        return bool(generations) and generations[-1] == self._path

    def _beat(self) -> None:
        beat = time.time_ns()
        while not self._dropped.wait(BEAT):
            # Always onwards, also where the clock is set back: watchers wait for a change.
            beat = max(beat + 1, time.time_ns())
            with contextlib.suppress(OSError):  # the next beat may come through
                os.utime(self._path, ns=(beat, beat))
                self.look_around()


def _generation(path: Path) -> int:
    return int(path.suffix[1:])


def _create_whole(path: Path, content: bytes) -> bool:
    """Create a file with its content in one step; False where its name is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:  # no hard links here: whoever sees it empty waits for its heartbeat
            return _create_exclusively(path, content)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _create_exclusively(path: Path, content: bytes) -> bool:
    try:
        with path.open("xb") as stream:
            stream.write(content)
    except FileExistsError:
        return False
    return True


def _last_beat(path: Path) -> Heartbeat | None:
    try:
        return Heartbeat(path.name, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def _read_owner(path: Path) -> Owner | None:
    try:
        return Owner.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


@cache
def _machine() -> str:
    """Names the set of processes that this one can see."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _process_start(pid: int) -> int | None:
    """When a process of this machine began, in ticks since boot; None where there is none.

    Read from Linux itself: psutil gives the time of day, which moves when the clock is set, and a
    living owner would seem dead.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    # A zombie is dead, only that nobody has asked for its exit code yet.
    return None if state in "ZX" else int(fields[18])
