"""What there is to see of a grid at one moment; it says nothing of where it is shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from benchmark.records.advance import Advance
from benchmark.records.status import Failure


class State(StrEnum):
    """How a run stands."""

    DONE = "done"
    RUNNING = "running"
    FAILED = "failed"
    BLOCKED = "blocked"  # its teacher failed
    WAITING = "waiting"


@dataclass(frozen=True)
class RunCell:
    """A run in the grid.

    Attributes:
        description: the run in one short line.
        state: how it stands.
        advance: how far it is; None unless it runs and has said so.
    """

    description: str
    state: State
    advance: Advance | None = None


@dataclass(frozen=True)
class RunUnderWay:
    """A run that a process works on.

    Attributes:
        description: the run in one short line.
        where: host and device.
        seconds: since it was claimed.
        advance: how far it is; None where its first epoch is not done.
    """

    description: str
    where: str
    seconds: float
    advance: Advance | None

    @property
    def epoch(self) -> str:
        """The epoch that it is in, and of how many."""
        if self.advance is None:
            return "begins"
        done, epochs = self.advance.epochs_done, self.advance.epochs
        return f"epoch {min(done + 1, epochs)}/{epochs}"

    @property
    def left(self) -> str:
        """The time that it will take."""
        return clock(self.advance.seconds_left) if self.advance else ""


@dataclass(frozen=True)
class GridView:
    """A grid at one moment.

    Attributes:
        title: names of the suites.
        columns: data sets.
        rows: method -> data set -> its runs, in the order of the plan.
        under_way: runs that processes work on.
        failures: of runs of the grid, latest first.
        seconds_left: until everything is done; None where nothing tells.
    """

    title: str
    columns: Sequence[str]
    rows: Mapping[str, Mapping[str, Sequence[RunCell]]]
    under_way: Sequence[RunUnderWay]
    failures: Sequence[Failure]
    seconds_left: float | None

    @cached_property
    def counts(self) -> Counter[State]:
        """State -> number of runs."""
        return Counter(
            cell.state for row in self.rows.values() for cells in row.values() for cell in cells
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen, unless somebody starts anew."""
        return not self.counts[State.RUNNING] and not self.counts[State.WAITING]

    @property
    def summary(self) -> str:
        """The counts in one line."""
        counts = self.counts
        parts = [f"{counts[State.DONE]} of {counts.total()} runs done"]
        parts += [f"{counts[state]} {state}" for state in list(State)[1:] if counts[state]]
        return ", ".join(parts)

    @property
    def speed(self) -> str:
        """Images per second, memory of devices, and the time left, as far as they are known."""
        advances = [run.advance for run in self.under_way if run.advance]
        parts = []
        if self.seconds_left:
            parts.append(f"about {clock(self.seconds_left)} left")
        if advances:
            parts.append(f"{sum(one.images_per_second for one in advances):,.0f} images/s")
        devices = {
            run.where: (run.advance.memory_used, run.advance.memory_total)
            for run in self.under_way
            if run.advance and run.advance.memory_total
        }
        for where, (used, total) in sorted(devices.items()):
            parts.append(f"{where}: {(used or 0) / 2**30:.1f} of {(total or 0) / 2**30:.1f} GiB")
        return ", ".join(parts)


def clock(seconds: float) -> str:
    """A duration to the second."""
    return str(timedelta(seconds=round(seconds)))
