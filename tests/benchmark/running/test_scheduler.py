"""What the scheduler does with every ending of a run, beside a results folder on disk."""

import io
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmark.planning.plan import PlannedRun
from benchmark.records.claims import Claim
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running import scheduler as scheduler_module
from benchmark.running.executors.base import Ending, Outcome, Task
from benchmark.running.packing import CONTEXT_BYTES, MemoryNeeds
from benchmark.running.progress import Progress
from benchmark.running.scheduler import ScheduleOutcome, Scheduler, Status

MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
Write = Callable[[PlannedRun], None]
PREDICTIONS = {"indices": np.array([4, 5]), "targets": np.array([0, 1]), "DEPTH": np.array([0, 0])}
ROOT = Path(__file__).parents[3]
GIB = 2**30

# Claims a run and dies without dropping the claim.
DIE = """
import os, sys
from pathlib import Path
from benchmark.records.claims import Claims

Claims(Path(sys.argv[1])).acquire(sys.argv[2], "a run", "cpu").__enter__()
os._exit(0)
"""


class _Scripted:
    """An executor that ends runs as a script says: first come, first served, with true records.

    Args:
        write: writes the record of a run that is done.
        script: key -> the endings of its attempts, one after the other; done after these.
        capacity: runs under way at once.
    """

    def __init__(
        self,
        write: Write,
        script: dict[str, Sequence[Outcome]] | None = None,
        capacity: int = 1,
    ) -> None:
        self.tasks: list[Task] = []
        self.events: list[tuple[str, str]] = []  # ("start" or "end", key)
        self._write = write
        self._script = {key: list(endings) for key, endings in (script or {}).items()}
        self._capacity = capacity
        self._under_way: list[Task] = []

    @property
    def started(self) -> list[str]:
        """Keys as they were submitted."""
        return [task.run.key for task in self.tasks]

    def accepts(self, task: Task) -> bool:
        return len(self._under_way) < self._capacity

    def submit(self, task: Task) -> None:
        assert self.accepts(task)
        self.tasks.append(task)
        self.events.append(("start", task.run.key))
        self._under_way.append(task)

    def wait(self, seconds: float | None) -> Outcome | None:
        run = self._under_way.pop(0).run
        endings = self._script.get(run.key)
        outcome = endings.pop(0) if endings else Outcome(run.key)
        if outcome.ending is Ending.DONE:
            self._write(run)
        self.events.append(("end", run.key))
        return outcome

    def close(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    store = ResultStore(tmp_path / "results")
    store.prepare()
    return store


@pytest.fixture
def write(store: ResultStore, make_record: MakeRecord) -> Write:
    """Write a run's result as another process would, with weights where it can be a teacher."""

    def call(run: PlannedRun) -> None:
        weights = b"weights" if run.teacher_key is None else None
        ResultStore(store.folder).save(make_record(run, {"DEPTH": 0.5}), PREDICTIONS, weights)

    return call


@pytest.fixture
def runs(plan_runs: MakeRuns) -> list[PlannedRun]:
    """Of two repetitions: the teacher, the same on the student's modality, and two students."""
    runs = plan_runs(seeds=2, methods=["kd_v1", "dkd"])
    assert Counter(run.teacher_key is None for run in runs) == {True: 4, False: 4}
    return runs


@pytest.fixture
def teacher(runs: list[PlannedRun]) -> PlannedRun:
    """The teacher of the first repetition."""
    key = next(run.teacher_key for run in runs if run.teacher_key)
    return next(run for run in runs if run.key == key)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often at what other processes do."""
    monkeypatch.setattr(scheduler_module, "POLL", 0.02)


def _students(runs: list[PlannedRun], teacher: PlannedRun) -> list[str]:
    return [run.key for run in runs if run.teacher_key == teacher.key]


def _schedule(
    runs: list[PlannedRun],
    store: ResultStore,
    executor: _Scripted,
    needs: MemoryNeeds | None = None,
) -> tuple[ScheduleOutcome, str]:
    """The outcome of a schedule, and what it printed."""
    printed = io.StringIO()
    progress = Progress(Console(file=printed))
    return Scheduler(runs, store, executor, progress, needs).run(), printed.getvalue()


def _claim(store: ResultStore, run: PlannedRun) -> Claim:
    """Hold a run as another process would."""
    claim = store.claims.acquire(run.key, run.description, "cpu")
    assert claim is not None
    return claim


@pytest.mark.parametrize("capacity", [1, 2, 8])
def test_students_start_once_their_teacher_has_ended(
    runs: list[PlannedRun],
    store: ResultStore,
    write: Write,
    capacity: int,
) -> None:
    executor = _Scripted(write, capacity=capacity)
    outcome, _ = _schedule(runs, store, executor)
    assert outcome == ScheduleOutcome(trained=len(runs))
    assert sorted(executor.started) == sorted(run.key for run in runs)
    for run in runs:
        if run.teacher_key:
            ended = executor.events.index(("end", run.teacher_key))
            assert ended < executor.events.index(("start", run.key))


def test_whoever_is_given_the_records_keeps_no_run_waiting(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    executor = _Scripted(write, capacity=2)
    given: list[str] = []
    under_way = []

    def slow(record: Record) -> list[str]:
        given.append(record.key)
        under_way.append(len(executor.started) - len(given))
        return []

    Scheduler(runs, store, executor, Progress(Console(file=io.StringIO())), None, slow).run()
    assert given == [key for what, key in executor.events if what == "end"]
    assert under_way == [2] * (len(runs) - 2) + [1, 0]


def test_runs_start_in_the_plans_order(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    executor = _Scripted(write)
    _schedule(runs, store, executor)
    assert executor.started == [run.key for run in runs]


def test_finished_runs_are_not_submitted(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    for run in runs[::2]:
        write(run)
    executor = _Scripted(write)
    outcome, _ = _schedule(runs, store, executor)
    assert outcome == ScheduleOutcome(reused=4, trained=4)
    assert executor.started == [run.key for run in runs[1::2]]
    again = _Scripted(write)
    assert _schedule(runs, ResultStore(store.folder), again)[0] == ScheduleOutcome(reused=8)
    assert again.tasks == []


def test_a_teacher_that_lost_its_weights_is_trained_again_and_its_new_record_counts(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    make_record: MakeRecord,
    write: Write,
) -> None:
    old = make_record(teacher, {"DEPTH": 0.1})
    ResultStore(store.folder).save(old, PREDICTIONS, b"weights")
    (store.folder / "runs" / f"{teacher.key}.weights.pt").unlink()
    executor = _Scripted(write)
    outcome, _ = _schedule(runs, store, executor)
    assert outcome == ScheduleOutcome(trained=len(runs))
    result = store.result(teacher.key)
    assert result is not None
    assert result.networks["DEPTH"].selected.test.headline == 0.5


def test_a_terminal_shows_what_is_being_trained(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    printed = io.StringIO()
    sentence = f"training {runs[0].description}"

    class _UntilSeen(_Scripted):
        """Its run ends once the terminal shows it, which is renewed a few times a second."""

        def wait(self, seconds: float | None) -> Outcome | None:
            last = time.monotonic() + 30
            while sentence not in printed.getvalue() and time.monotonic() < last:
                time.sleep(0.01)
            return super().wait(seconds)

    console = Console(file=printed, force_terminal=True, width=200)
    Scheduler(runs[:1], store, _UntilSeen(write), Progress(console)).run()
    assert sentence in printed.getvalue()


def test_a_failure_blocks_the_students_of_the_run_and_nothing_else(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    write: Write,
) -> None:
    students = _students(runs, teacher)
    failure = Outcome(teacher.key, Ending.FAILED, "it went wrong", "Traceback:\nit went wrong")
    executor = _Scripted(write, {teacher.key: [failure]}, capacity=2)
    outcome, printed = _schedule(runs, store, executor)
    assert outcome.trained == len(runs) - 1 - len(students)
    assert not set(students) & set(executor.started)
    (note,) = store.failure_notes()
    first, *blocked = outcome.unfinished
    assert (first.run, first.status) == (teacher, Status.FAILED)
    assert first.reason == f"it went wrong (details in {note})"
    assert [(each.run.key, each.status) for each in blocked] == [
        (key, Status.BLOCKED) for key in students
    ]
    assert {each.reason for each in blocked} == {f"its teacher failed ({teacher.description})"}
    assert note.read_text() == f"{teacher.description}\nTraceback:\nit went wrong"
    assert (outcome.stopped, outcome.left) == ("", 0)
    assert f"{teacher.description}: it went wrong" in printed
    # The next start tries it anew.
    assert _schedule(runs, ResultStore(store.folder), _Scripted(write))[0].trained == 3


def test_a_failure_without_details_is_noted_with_its_reason(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    failure = Outcome(runs[0].key, Ending.FAILED, "it went wrong")
    _schedule(runs[:1], store, _Scripted(write, {runs[0].key: [failure]}))
    (note,) = store.failure_notes()
    assert note.read_text().endswith("\nit went wrong")


@pytest.mark.parametrize(("ending", "retries"), [(Ending.LOST, 1), (Ending.NODE_LOST, 10)])
def test_a_lost_run_is_tried_again_so_often(
    runs: list[PlannedRun],
    store: ResultStore,
    write: Write,
    ending: Ending,
    retries: int,
) -> None:
    first, second = runs[0].key, runs[1].key
    losses = {key: Outcome(key, ending, "its process died") for key in (first, second)}
    script = {first: [losses[first]] * retries, second: [losses[second]] * (retries + 1)}
    executor = _Scripted(write, script)
    outcome, printed = _schedule(runs[:2], store, executor)
    assert Counter(executor.started) == {first: retries + 1, second: retries + 1}
    assert outcome.trained == 1
    assert [(each.run.key, each.status) for each in outcome.unfinished] == [(second, Status.FAILED)]
    assert outcome.unfinished[0].reason.startswith("its process died")
    again = [line for line in printed.splitlines() if line.startswith("again")]
    assert len(again) == 2 * retries
    assert all(line.endswith(": its process died") for line in again)


def test_losses_of_a_process_and_of_a_machine_are_counted_apart(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    key = runs[0].key
    lost, node_lost = (Outcome(key, end, "gone") for end in (Ending.LOST, Ending.NODE_LOST))
    executor = _Scripted(write, {key: [*[node_lost] * 5, lost, *[node_lost] * 5]})
    outcome, _ = _schedule(runs[:1], store, executor)
    assert outcome == ScheduleOutcome(trained=1)
    assert len(executor.tasks) == 12


def _on_gpu(record: Record, peak: int) -> Record:
    return record.model_copy(
        update={
            "environment": record.environment.model_copy(update={"device": "NVIDIA H200"}),
            "resources": record.resources.model_copy(update={"peak_memory_bytes": peak}),
        }
    )


def test_a_run_out_of_memory_is_tried_again_alone_and_then_fails_with_advice(
    runs: list[PlannedRun],
    store: ResultStore,
    write: Write,
    make_record: MakeRecord,
) -> None:
    first, second = (run for run in runs if run.spec.method == "dkd")
    for run in runs:
        if run not in (first, second):
            write(run)
    needs = MemoryNeeds([_on_gpu(make_record(first, {"DEPTH": 0.5}), GIB)])
    full = {run.key: Outcome(run.key, Ending.OUT_OF_MEMORY, "no room") for run in (first, second)}
    script = {first.key: [full[first.key]], second.key: [full[second.key]] * 2}
    executor = _Scripted(write, script)
    outcome, printed = _schedule(runs, store, executor, needs)
    # None means that it gets the device for itself.
    assert {(task.run.key, task.need) for task in executor.tasks} == {
        (run.key, need) for run in (first, second) for need in (GIB + CONTEXT_BYTES, None)
    }
    assert len(executor.tasks) == 4
    assert outcome.trained == 1
    (failed,) = outcome.unfinished
    assert (failed.run, failed.status) == (second, Status.FAILED)
    assert failed.reason.startswith("no room; it does not fit on this device even alone: use one")
    assert printed.count("no room; tried again alone on its device") == 2


def test_memory_is_learnt_from_the_runs_that_end(
    runs: list[PlannedRun], store: ResultStore, make_record: MakeRecord
) -> None:
    def write(run: PlannedRun) -> None:
        record = _on_gpu(make_record(run, {"DEPTH": 0.5}), GIB)
        ResultStore(store.folder).save(record, PREDICTIONS, b"weights")

    executor = _Scripted(write)
    _schedule(runs, store, executor)
    needs = {task.run.key: task.need for task in executor.tasks}
    first, second = (needs[run.key] for run in runs if run.spec.method == "dkd")
    assert (first, second) == (None, GIB + CONTEXT_BYTES)


def test_a_run_that_another_process_holds_is_left_to_it_and_its_students_follow(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    write: Write,
) -> None:
    executor = _Scripted(write)
    with _claim(store, teacher) as claim:

        def finish() -> None:
            assert len(executor.tasks) == len(runs) - 1 - len(_students(runs, teacher))
            write(teacher)
            claim.__exit__(None, None, None)

        timer = threading.Timer(0.5, finish)
        timer.start()
        outcome, printed = _schedule(runs, store, executor)
        timer.join()
    assert outcome == ScheduleOutcome(trained=len(runs) - 1, elsewhere=1)
    assert teacher.key not in executor.started
    assert executor.started[-2:] == _students(runs, teacher)
    assert f"{teacher.description} (by another process)" in printed


def test_a_run_that_another_process_gave_up_is_taken_over(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    write: Write,
) -> None:
    executor = _Scripted(write)
    with _claim(store, teacher) as claim:
        timer = threading.Timer(0.3, lambda: claim.__exit__(None, None, None))
        timer.start()
        outcome, _ = _schedule(runs, store, executor)
        timer.join()
    assert outcome == ScheduleOutcome(trained=len(runs))
    assert executor.started[-3:] == [teacher.key, *_students(runs, teacher)]


def test_a_teacher_that_another_process_left_without_weights_is_trained_here(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    write: Write,
) -> None:
    executor = _Scripted(write)
    with _claim(store, teacher) as claim:

        def finish() -> None:
            write(teacher)
            (store.folder / "runs" / f"{teacher.key}.weights.pt").unlink()
            claim.__exit__(None, None, None)

        timer = threading.Timer(0.3, finish)
        timer.start()
        outcome, _ = _schedule(runs, store, executor)
        timer.join()
    assert outcome == ScheduleOutcome(trained=len(runs))
    assert executor.started[-3:] == [teacher.key, *_students(runs, teacher)]


def test_what_another_process_ends_is_noticed_while_a_run_is_under_way(
    runs: list[PlannedRun],
    teacher: PlannedRun,
    store: ResultStore,
    write: Write,
) -> None:
    student = _students(runs, teacher)[0]
    long = next(run for run in runs if run.teacher_key is None and run != teacher)

    class _LongRun(_Scripted):
        """One of its runs ends after another has started, which nothing here makes ready."""

        def wait(self, seconds: float | None) -> Outcome | None:
            if student in self.started:
                return super().wait(seconds)
            assert seconds is not None, "this would wait without end"
            return None

    executor = _LongRun(write, capacity=2)
    chosen = [run for run in runs if run.key in (long.key, teacher.key, student)]
    with _claim(store, teacher) as claim:
        timer = threading.Timer(0.3, lambda: (write(teacher), claim.__exit__(None, None, None)))
        timer.start()
        outcome, _ = _schedule(chosen, store, executor)
        timer.join()
    assert outcome == ScheduleOutcome(trained=2, elsewhere=1)


def test_a_run_that_another_process_took_first_is_looked_at_again(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    first, second = runs[:2]

    class _Race(_Scripted):
        """Another process is faster with the first run, and does it."""

        def wait(self, seconds: float | None) -> Outcome | None:
            if self.started == [first.key]:
                write(first)
            return super().wait(seconds)

    taken = {run.key: [Outcome(run.key, Ending.ELSEWHERE)] for run in (first, second)}
    executor = _Race(write, taken)
    outcome, _ = _schedule(runs[:2], store, executor)
    assert outcome == ScheduleOutcome(trained=1, elsewhere=1)
    assert executor.started == [first.key, second.key, second.key]


def test_a_run_that_is_found_done_counts_as_done_by_another_process(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    key = runs[0].key
    executor = _Scripted(write, {key: [Outcome(key, trained=False)]})
    outcome, _ = _schedule(runs[:2], store, executor)
    assert outcome == ScheduleOutcome(trained=1, elsewhere=1)


def test_the_executor_is_told_of_the_last_heartbeat_of_a_dead_process(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    claims = store.folder / "claims"
    command = [sys.executable, "-c", DIE, str(claims), runs[0].key]
    subprocess.run(command, cwd=ROOT, check=True)
    expired = store.claims.overview().expired
    assert set(expired) == {runs[0].key}
    executor = _Scripted(write)
    _schedule(runs[:2], store, executor)
    assert [task.expired for task in executor.tasks] == [expired[runs[0].key], None]


def test_where_nothing_can_go_on_what_is_under_way_ends_and_the_rest_is_left(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    first, second = runs[0].key, runs[1].key
    stop = Outcome(first, Ending.STOPPED, "no room on the disk")
    executor = _Scripted(write, {first: [stop]}, capacity=2)
    # What another process holds is not waited for either.
    held = next(run for run in runs[2:] if run.teacher_key is None)
    with _claim(store, held):
        outcome, printed = _schedule(runs, store, executor)
    assert executor.started == [first, second]
    assert outcome == ScheduleOutcome(trained=1, stopped="no room on the disk", left=len(runs) - 1)
    assert f"{runs[0].description}: no room on the disk" in printed
    # The next start goes on.
    again = _Scripted(write)
    found, _ = _schedule(runs, ResultStore(store.folder), again)
    assert found == ScheduleOutcome(reused=1, trained=len(runs) - 1)


def test_notes_of_a_run_are_shown(runs: list[PlannedRun], store: ResultStore, write: Write) -> None:
    key = runs[0].key
    executor = _Scripted(write, {key: [Outcome(key, notes=("one thing", "another"))]})
    _, printed = _schedule(runs[:1], store, executor)
    assert f"note    {runs[0].description}: one thing\n" in printed
    assert f"note    {runs[0].description}: another\n" in printed


def test_an_interruption_passes_through_and_finished_runs_stay(
    runs: list[PlannedRun], store: ResultStore, write: Write
) -> None:
    class _Interrupted(_Scripted):
        def wait(self, seconds: float | None) -> Outcome | None:
            if len(self.tasks) == 3:
                raise KeyboardInterrupt
            return super().wait(seconds)

    with pytest.raises(KeyboardInterrupt):
        _schedule(runs, store, _Interrupted(write))
    assert [store.is_complete(run.key) for run in runs[:3]] == [True, True, False]
