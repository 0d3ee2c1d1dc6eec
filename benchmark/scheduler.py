"""Dispatches what is missing, teachers before students, and never repeats a finished run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush

from benchmark.executors.base import Executor, Outcome
from benchmark.plan import PlannedRun
from benchmark.progress import Progress
from benchmark.store import ResultStore


class Status(StrEnum):
    """Why a run has no result."""

    FAILED = "failed"
    BLOCKED = "blocked"  # its teacher failed


@dataclass(frozen=True)
class Problem:
    """A run without a result, and why."""

    run: PlannedRun
    status: Status
    reason: str


@dataclass
class Summary:
    """How a schedule ended."""

    reused: int = 0
    trained: int = 0
    problems: list[Problem] = field(default_factory=list)


def runs_to_do(runs: Iterable[PlannedRun], store: ResultStore) -> list[PlannedRun]:
    """The runs without a result, in the given order.

    A teacher with a record but without weights is done again where a student still needs it.
    """
    planned = list(runs)
    missing = {run.key for run in planned if store.result(run.key) is None}
    needed_teachers = {run.teacher_key for run in planned if run.key in missing}
    missing |= {
        run.key for run in planned if run.key in needed_teachers and not store.has_weights(run.key)
    }
    return [run for run in planned if run.key in missing]


class Scheduler:
    """Works through a plan.

    Args:
        runs: all runs of the plan, teachers before their students.
        store: where finished runs are looked up.
        executor: what trains.
        progress: told of every start and end.
    """

    def __init__(
        self,
        runs: Iterable[PlannedRun],
        store: ResultStore,
        executor: Executor,
        progress: Progress,
    ) -> None:
        planned = list(runs)
        self._store = store
        self._executor = executor
        self._progress = progress
        self._todo = {run.key: run for run in runs_to_do(planned, store)}
        # Each with its place in the plan: a heap of runs that can start, and by their teacher's key
        # those that wait for it. A plan may be too long to be searched at every start and end.
        self._startable: list[tuple[int, PlannedRun]] = []
        self._waiting: dict[str, list[tuple[int, PlannedRun]]] = {}
        for place, run in enumerate(self._todo.values()):
            if run.teacher_key is not None and run.teacher_key in self._todo:
                self._waiting.setdefault(run.teacher_key, []).append((place, run))
            else:
                self._startable.append((place, run))
        self._summary = Summary(reused=len(planned) - len(self._todo))

    def run(self) -> Summary:
        """Train all that is missing; a failure stops nothing but the students of a failed teacher.

        KeyboardInterrupt passes through; what is finished by then is stored.
        """
        with self._progress.tracking(list(self._todo.values()), self._summary.reused):
            running = 0
            while True:
                for run in self._ready(self._executor.capacity - running):
                    self._progress.started(run)
                    self._executor.submit(run)
                    running += 1
                if not running:
                    return self._summary
                self._end(self._executor.wait())
                running -= 1

    def _ready(self, count: int) -> list[PlannedRun]:
        """Up to `count` waiting runs whose teachers are done, in the plan's order."""
        count = min(count, len(self._startable))
        return [heappop(self._startable)[1] for _ in range(count)]

    def _end(self, outcome: Outcome) -> None:
        run = self._todo[outcome.key]
        students = self._waiting.pop(run.key, [])
        if outcome.error is None:
            for placed in students:
                heappush(self._startable, placed)
            self._summary.trained += 1
            self._progress.done(run)
            return
        path = self._store.note_failure(run.key, outcome.details or outcome.error)
        self._fail(run, Status.FAILED, f"{outcome.error} (details in {path})")
        for _, student in students:
            self._fail(student, Status.BLOCKED, f"its teacher failed ({run.description})")

    def _fail(self, run: PlannedRun, status: Status, reason: str) -> None:
        self._summary.problems.append(Problem(run, status, reason))
        self._progress.failed(run, status.value, reason)
