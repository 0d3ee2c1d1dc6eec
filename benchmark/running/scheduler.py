"""Dispatches what is missing, teachers before students, and never repeats a finished run."""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Ending, Executor, Outcome, Task
from benchmark.running.packing import MemoryNeeds
from benchmark.running.progress import Progress
from benchmark.running.remaining import runs_to_do

POLL = 2.0  # seconds between looks at runs that other processes hold
# How often a run is tried again after what need not be its fault. Machines that may be taken away
# at any time are lost often, and a run goes on from its snapshot; the end is for one that brings
# every machine down.
RETRIES = {Ending.LOST: 1, Ending.NODE_LOST: 10}


class Status(StrEnum):
    """Why a run has no result."""

    WAITING = "waiting"
    RUNNING = "running"
    ELSEWHERE = "elsewhere"  # another process works on it
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"  # its teacher failed


@dataclass(frozen=True)
class UnfinishedRun:
    """A run without a result, and why."""

    run: PlannedRun
    status: Status
    reason: str


@dataclass
class ScheduleOutcome:
    """How a schedule ended.

    Attributes:
        reused: runs that were done before.
        trained: runs that this process trained.
        elsewhere: runs that other processes finished meanwhile.
        unfinished: runs that failed, and their students.
        stopped: why nothing more could be done; "" where everything was tried.
        left: runs that were not tried for that reason.
    """

    reused: int = 0
    trained: int = 0
    elsewhere: int = 0
    unfinished: list[UnfinishedRun] = field(default_factory=list)
    stopped: str = ""
    left: int = 0


class Scheduler:
    """Works through a plan; any number of others may work on the same results folder.

    Args:
        runs: all runs of the plan, teachers before their students.
        store: where finished runs are looked up.
        executor: what trains.
        progress: told of every start and end.
        needs: memory of runs by shape, which grows with every run that is trained here.
        on_record: is given the record of every run that is done meanwhile, and returns what the
            user should know of that, a sentence each. It may take its time: what can start then
            has started.
    """

    def __init__(
        self,
        runs: Iterable[PlannedRun],
        store: ResultStore,
        executor: Executor,
        progress: Progress,
        needs: MemoryNeeds | None = None,
        on_record: Callable[[Record], Iterable[str]] | None = None,
    ) -> None:
        planned = list(runs)
        self._store = store
        self._executor = executor
        self._progress = progress
        self._needs = needs or MemoryNeeds()
        self._on_record = on_record
        self._todo = {run.key: run for run in runs_to_do(planned, store)}
        self._position = {key: position for position, key in enumerate(self._todo)}
        self._status = dict.fromkeys(self._todo, Status.WAITING)
        self._students: dict[str, list[str]] = {}
        self._ready: list[tuple[int, str]] = []  # a heap, in the plan's order
        for key, run in self._todo.items():
            if run.teacher_key in self._todo:
                self._students.setdefault(run.teacher_key or "", []).append(key)
            else:
                self._make_ready(key)
        self._elsewhere: set[str] = set()
        self._losses: Counter[tuple[str, Ending]] = Counter()  # of runs, by how they were lost
        self._alone: set[str] = set()  # runs that ran out of memory next to others
        self._fresh: list[tuple[PlannedRun, Record]] = []  # not yet given to `on_record`
        self._so_far = ScheduleOutcome(reused=len(planned) - len(self._todo))

    def run(self) -> ScheduleOutcome:
        """Train all that is missing; a failure stops nothing but the students of a failed teacher.

        Runs that another living process holds are left to it, and taken over should it die.
        KeyboardInterrupt passes through; what is finished by then is stored.
        """
        with self._progress.tracking(list(self._todo.values()), self._so_far.reused):
            running, looked = 0, 0.0
            while True:
                running += self._dispatch()
                self._pass_on_records()
                waiting = bool(self._elsewhere) and not self._so_far.stopped
                if running:
                    outcome = self._executor.wait(POLL if waiting else None)
                    if outcome is not None:
                        running -= 1
                        self._end(outcome)
                elif waiting:
                    time.sleep(POLL)
                else:
                    break
                if self._elsewhere and time.monotonic() - looked >= POLL:
                    looked = time.monotonic()
                    self._look_elsewhere()
        if self._so_far.stopped:
            not_tried = (Status.WAITING, Status.ELSEWHERE, Status.RUNNING)
            self._so_far.left = sum(status in not_tried for status in self._status.values())
        return self._so_far

    def _dispatch(self) -> int:
        """Submit runs whose teachers are done, in the plan's order, while there is room."""
        if not self._ready or self._so_far.stopped:
            return 0
        claims = self._store.claims.overview()
        submitted = 0
        while self._ready:
            _, key = self._ready[0]
            if key in claims.held:
                heapq.heappop(self._ready)
                self._leave_elsewhere(key)
                continue
            run = self._todo[key]
            need = None if key in self._alone else self._needs.of(run.spec)
            task = Task(run, claims.expired.get(key), need)
            if not self._executor.accepts(task):
                break
            heapq.heappop(self._ready)
            self._status[key] = Status.RUNNING
            self._progress.started(run)
            self._executor.submit(task)
            submitted += 1
        return submitted

    def _look_elsewhere(self) -> None:
        """See which runs of other processes are done, and which were given up."""
        held = self._store.claims.overview().held
        for key in sorted(self._elsewhere - held.keys(), key=self._position.__getitem__):
            self._elsewhere.remove(key)
            if self._store.is_complete(key):
                self._finish(key, trained=False)
            else:
                self._make_ready(key)

    def _end(self, outcome: Outcome) -> None:
        key, run = outcome.key, self._todo[outcome.key]
        match outcome.ending:
            case Ending.DONE:
                self._finish(key, outcome.trained)
                for sentence in outcome.notes:
                    self._progress.note(run, sentence)
            case Ending.ELSEWHERE:
                self._leave_elsewhere(key)
            case Ending.STOPPED:
                self._status[key] = Status.WAITING
                self._so_far.stopped = outcome.reason
                self._progress.stopped(run, outcome.reason)
            case Ending.LOST | Ending.NODE_LOST as loss if self._losses[key, loss] < RETRIES[loss]:
                self._losses[key, loss] += 1
                self._progress.retried(run, outcome.reason)
                self._make_ready(key)
            case Ending.OUT_OF_MEMORY if key not in self._alone:
                self._alone.add(key)
                self._progress.retried(run, f"{outcome.reason}; tried again alone on its device")
                self._make_ready(key)
            case Ending.OUT_OF_MEMORY:
                advice = (
                    "; it does not fit on this device even alone: use one with more memory, or a "
                    "smaller --batch-size, which makes it another run"
                )
                self._fail_with_students(run, outcome, advice)
            case Ending.FAILED | Ending.LOST | Ending.NODE_LOST:
                self._fail_with_students(run, outcome)

    def _fail_with_students(self, run: PlannedRun, outcome: Outcome, advice: str = "") -> None:
        details = outcome.details or outcome.reason
        path = self._store.note_failure(run.key, f"{run.description}\n{details}")
        self._fail(run, Status.FAILED, f"{outcome.reason}{advice} (details in {path})")
        for student in self._students.get(run.key, ()):
            reason = f"its teacher failed ({run.description})"
            self._fail(self._todo[student], Status.BLOCKED, reason)

    def _finish(self, key: str, trained: bool) -> None:
        self._status[key] = Status.DONE
        if trained:
            self._so_far.trained += 1
        else:
            self._so_far.elsewhere += 1
        self._store.forget(key)
        record = self._store.lookup(key)
        if record is not None:
            self._needs.learn(record)
            self._fresh.append((self._todo[key], record))
        self._progress.done(self._todo[key], trained)
        for student in self._students.get(key, ()):
            self._make_ready(student)

    def _pass_on_records(self) -> None:
        for run, record in self._fresh:
            for sentence in self._on_record(record) if self._on_record else ():
                self._progress.note(run, sentence)
        self._fresh.clear()

    def _make_ready(self, key: str) -> None:
        self._status[key] = Status.WAITING
        heapq.heappush(self._ready, (self._position[key], key))

    def _leave_elsewhere(self, key: str) -> None:
        self._status[key] = Status.ELSEWHERE
        self._elsewhere.add(key)
        self._progress.elsewhere(self._todo[key])

    def _fail(self, run: PlannedRun, status: Status, reason: str) -> None:
        self._so_far.unfinished.append(UnfinishedRun(run, status, reason))
        self._progress.failed(run, status.value, reason)
