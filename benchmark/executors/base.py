"""What the scheduler needs of an executor."""

import traceback
from dataclasses import dataclass
from typing import Protocol

from benchmark.plan import PlannedRun
from benchmark.worker import Worker


@dataclass(frozen=True)
class Outcome:
    """How a run ended: done where `error` is None, else failed for that reason.

    `details` is the traceback of a failure, `notes` what else the user should know, a sentence
    each.
    """

    key: str
    error: str | None = None
    details: str = ""
    notes: tuple[str, ...] = ()


class Executor(Protocol):
    """Executes submitted runs, at most `capacity` of them at a time."""

    capacity: int

    def submit(self, run: PlannedRun) -> None:
        """Take a run; only called while fewer than `capacity` are under way."""

    def wait(self) -> Outcome:
        """Block until a run has ended; only called while one is under way."""

    def close(self) -> None:
        """Stop at once and free everything; what is under way is given up."""


def execute(worker: Worker, run: PlannedRun) -> Outcome:
    """Execute a run; whatever goes wrong becomes a failed outcome, but for an interruption."""
    try:
        notes = worker.execute(run)
    except Exception as error:
        reason = " ".join(str(error).split()) or "no message"
        name = (
            "" if type(error).__module__.startswith(("benchmark", "core")) else type(error).__name__
        )
        return Outcome(run.key, f"{name}: {reason}" if name else reason, traceback.format_exc())
    return Outcome(run.key, notes=tuple(notes))
