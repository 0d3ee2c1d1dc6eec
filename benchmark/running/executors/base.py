"""What the scheduler needs of an executor."""

import traceback
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import torch

from benchmark.planning.plan import PlannedRun
from benchmark.records.claims import ClaimLostError, Heartbeat
from benchmark.records.store import ResultsFolderError, ResultStore
from benchmark.running.worker import Worker, training_seed
from benchmark.training.interleaving import Interleaver, TrainingSteps
from benchmark.training.snapshot import DEFAULT_MINUTES


class Ending(StrEnum):
    """How an execution ended."""

    DONE = "done"  # there is a record
    ELSEWHERE = "elsewhere"  # another process holds the run
    FAILED = "failed"  # the run went wrong
    OUT_OF_MEMORY = "out of memory"  # the device's, which other runs may have taken
    LOST = "lost"  # the process that trained it died, which need not be the run's fault
    NODE_LOST = "node lost"  # the machine that trained it is gone, and hardly by the run's fault
    STOPPED = "stopped"  # nothing can go on: no folder to write results to, or no cluster


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        key: the run's key.
        ending: how.
        reason: one sentence for anything but DONE and ELSEWHERE.
        details: traceback of a failure.
        trained: this execution trained the run; else it was done already.
        notes: what else the user should know, a sentence each.
    """

    key: str
    ending: Ending = Ending.DONE
    reason: str = ""
    details: str = ""
    trained: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A run to execute.

    Attributes:
        run: the run.
        expired: the last heartbeat of a dead process that held it, if any did.
        need: bytes of device memory that it will take; None where nobody knows, so that it gets a
            GPU for itself.
    """

    run: PlannedRun
    expired: Heartbeat | None = None
    need: int | None = None


@dataclass(frozen=True)
class WorkerSettings:
    """All that a worker in another process needs to start; picklable."""

    results: Path
    keep_all_weights: bool
    user_files: tuple[Path, ...]
    snapshot_minutes: float | None = DEFAULT_MINUTES
    graphs: bool = True


def make_worker(settings: WorkerSettings, device: torch.device) -> Worker:
    """A worker as the settings have it; the user's files must be loaded."""
    store = ResultStore(settings.results)
    return Worker(
        store, device, settings.keep_all_weights, settings.snapshot_minutes, settings.graphs
    )


class Executor(Protocol):
    """Executes submitted tasks, as many at a time as it accepts."""

    def accepts(self, task: Task) -> bool:
        """Whether the task can start now; always so while nothing is under way."""

    def submit(self, task: Task) -> None:
        """Take a task that was accepted."""

    def wait(self, seconds: float | None) -> Outcome | None:
        """Block until a run has ended, or so long at most; None where none has.

        It may also return None early, where a task that was not accepted may be by now. Only
        called while one is under way.
        """

    def close(self) -> None:
        """Stop at once and free everything; what is under way is given up."""


def execute(worker: Worker, task: Task) -> Outcome:
    """Execute a run alone; whatever goes wrong but an interruption becomes an outcome."""
    interleaver: Interleaver[str, Outcome] = Interleaver(worker.device)
    begin(interleaver, worker, task)
    ((_, outcome),) = interleaver.finish()
    return outcome


def begin(interleaver: Interleaver[str, Outcome], worker: Worker, task: Task) -> None:
    """Let a run begin beside others of the same worker; it ends as `execute` does."""
    interleaver.add(task.run.key, _execute_in_steps(worker, task), training_seed(task.run))


def _execute_in_steps(worker: Worker, task: Task) -> TrainingSteps[Outcome]:
    key = task.run.key
    try:
        execution = yield from worker.execute_in_steps(task.run, task.expired)
    except ResultsFolderError as error:
        return Outcome(key, Ending.STOPPED, str(error))
    except ClaimLostError:
        return Outcome(key, Ending.ELSEWHERE)
    except torch.OutOfMemoryError as error:
        return Outcome(key, Ending.OUT_OF_MEMORY, _sentence(error), traceback.format_exc())
    except Exception as error:
        return Outcome(key, Ending.FAILED, _sentence(error), traceback.format_exc())
    if execution is None:
        return Outcome(key, Ending.ELSEWHERE)
    return Outcome(key, trained=execution.trained, notes=execution.notes)


def _sentence(error: Exception) -> str:
    reason = " ".join(str(error).split()) or "no message"
    own = type(error).__module__.startswith(("benchmark", "core"))
    return reason if own else f"{type(error).__name__}: {reason}"
