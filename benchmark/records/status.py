"""How a results folder stands while any number of processes work on it: read, never written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmark.records.claims import Owner
from benchmark.records.store import ResultStore


@dataclass(frozen=True)
class Failure:
    """A run that failed and was not done since.

    Attributes:
        key: the run's key.
        run: the run in one short line.
        reason: the last line of its traceback.
        when: when it was noted.
    """

    key: str
    run: str
    reason: str
    when: datetime


@dataclass(frozen=True)
class FolderStatus:
    """What a results folder holds.

    Attributes:
        done: number of readable records.
        unreadable: key -> what is wrong with its record; such runs will be done again.
        running: key -> owner of the claim, None where its file cannot be read.
        abandoned: keys whose owner is dead; whoever works on the folder takes them over.
        failures: runs that failed, latest first.
        seconds: device -> seconds of training in the records.
    """

    done: int
    unreadable: Mapping[str, str]
    running: Mapping[str, Owner | None]
    abandoned: tuple[str, ...]
    failures: tuple[Failure, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Work:
    """One run of a plan, for estimates of time.

    Attributes:
        kind: runs of one kind take as long per unit of cost: data set, method, plug-in.
        cost: as in the plan.
        seconds: how long it took; None while it is to be done.
    """

    kind: tuple[str, ...]
    cost: float
    seconds: float | None


def read_status(store: ResultStore) -> FolderStatus:
    """Look at everything in a results folder; others may write to it meanwhile."""
    seconds: dict[str, float] = defaultdict(float)
    done = 0
    for _, result in store.results():
        done += 1
        seconds[result.device] += result.seconds
    claims = store.claims.overview()
    return FolderStatus(
        done=done,
        unreadable=dict(store.unreadable),
        running=dict(sorted(claims.held.items())),
        abandoned=tuple(sorted(claims.expired)),
        failures=tuple(read_failures(store)),
        seconds=dict(seconds),
    )


def seconds_left(work: Iterable[Work], at_once: int) -> float | None:
    """Seconds until all of a plan's work is done; None where nothing tells how fast it goes.

    A run is taken to need, per unit of cost, the mean time of finished runs of its kind, or of all
    finished runs where there is none of its kind.

    Args:
        work: every run of the plan.
        at_once: runs that are trained side by side, at least 1.
    """
    rates: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    to_do = []
    for run in work:
        if run.seconds is None:
            to_do.append(run)
            continue
        if not run.cost:  # nothing was trained, so it tells nothing of what is
            continue
        for kind in (run.kind, ()):
            rates[kind][0] += run.seconds
            rates[kind][1] += run.cost
    if not to_do:
        return 0.0
    if () not in rates:
        return None
    total = 0.0
    for run in to_do:
        seconds, cost = rates[run.kind] if run.kind in rates else rates[()]
        total += run.cost * seconds / cost
    return total / at_once


def read_failures(store: ResultStore) -> list[Failure]:
    """The failures of runs that were not done since, the newest first."""
    failures = []
    for path in store.failure_notes():
        if store.result(path.stem) is not None:
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines() or [""]
            changed = path.stat().st_mtime
        except FileNotFoundError:  # done or tried again meanwhile
            continue
        when = datetime.fromtimestamp(changed, UTC)
        failures.append(Failure(path.stem, lines[0], lines[-1], when))
    return sorted(failures, key=lambda failure: failure.when, reverse=True)
