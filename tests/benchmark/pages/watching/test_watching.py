"""A grid as it fills, on a terminal of 80 columns and as a page."""

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from benchmark.cli import main
from benchmark.pages.watching.screen import GridScreen
from benchmark.pages.watching.view import GridView, RunCell, RunUnderWay, State
from benchmark.pages.watching.watcher import Watcher
from benchmark.pages.watching.web_page import render_page
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Plan, PlannedRun, make_plan
from benchmark.records.advance import Advance
from benchmark.records.record import Record
from benchmark.records.status import Failure
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Outcome, Task
from benchmark.running.progress import Progress
from benchmark.running.scheduler import Scheduler
from benchmark.tasks.classification import SMOKE_TRAINING

MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]
SUITE = [
    *("--suite", "table1", "--smoke", "--datasets", "tristar", "--seeds", "1"),
    *("--methods", "dkd", "--plugins", "none"),
]
ADVANCE = Advance(
    epochs_done=7,
    epochs=10,
    seconds_per_epoch=2.0,
    images_per_second=1500.0,
    memory_used=3 * 2**30,
    memory_total=80 * 2**30,
)


@pytest.fixture
def runs(plan_runs: MakeRuns) -> list[PlannedRun]:
    return plan_runs(training=SMOKE_TRAINING)


@pytest.fixture
def busy(runs: list[PlannedRun], save: Save, tmp_path: Path) -> Iterator[ResultStore]:
    """A folder in which the teacher is done, the student fails and the distilled one is trained."""
    teacher, student, distilled = runs
    save(teacher)
    store = ResultStore(tmp_path / "results")
    store.note_failure(student.key, f"{student.description}\nValueError: <b>too</b> bright")
    claim = store.claims.acquire(distilled.key, distilled.description, "cuda:3")
    assert claim is not None
    store.advances.note(distilled.key, ADVANCE)
    with claim:
        yield store


def _shown(view: GridView, width: int = 80, height: int = 24) -> list[str]:
    """The lines that a terminal of this size is sent, without colours."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=width, height=height)
    console.print(GridScreen(lambda: view))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", output.getvalue()).splitlines()
    assert len(lines) < height
    assert all(len(line) <= width and line.isascii() for line in lines)
    return lines


def _plan(runs: list[PlannedRun]) -> Plan:
    return Plan(runs={run.key: run for run in runs})


def test_the_screen_shows_every_run_how_far_it_is_and_what_went_wrong(
    runs: list[PlannedRun], busy: ResultStore
) -> None:
    lines = _shown(Watcher("table1", _plan(runs), busy).look())
    text = "\n".join(lines)
    assert "1 of 3 runs done, 1 running, 1 failed" in text
    assert "1,500 images/s" in text
    assert "cuda:3: 3.0 of 80.0 GiB" in text
    assert re.search(r"^dkd +7", text, re.MULTILINE)  # tenths of its epochs
    assert re.search(r"^epoch 8/10 +0:00:06 left +tristar: dkd THERMAL -> DEPTH", text, re.M)
    assert "failed tristar" in text
    assert lines[-1].endswith(". waiting")  # not cut


def test_a_failure_of_an_earlier_start_waits_while_it_is_about_to_be_tried_again(
    runs: list[PlannedRun], busy: ResultStore
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    view = Watcher("table1", _plan(runs), busy, since=later).look()
    assert (view.counts[State.FAILED], view.counts[State.WAITING]) == (0, 1)
    assert not view.failures


def test_what_ends_meanwhile_is_seen_and_students_of_a_failed_teacher_are_blocked(
    runs: list[PlannedRun], save: Save, tmp_path: Path
) -> None:
    teacher, student, distilled = runs
    store = ResultStore(tmp_path / "results")
    store.prepare()
    watcher = Watcher("table1", _plan(runs), store)
    assert watcher.look().counts == {State.WAITING: 3}
    store.note_failure(teacher.key, "teacher\nit failed")
    save(student)
    assert watcher.look().counts == {State.FAILED: 1, State.DONE: 1, State.BLOCKED: 1}
    assert watcher.look().ended
    save(teacher)
    save(distilled)
    assert watcher.look().counts == {State.DONE: 3}


def test_references_are_called_by_their_part_unless_they_have_two(
    miniature_data: Path, tmp_path: Path
) -> None:
    def rows(*pairs: tuple[str, str]) -> set[str]:
        plan = Plan()
        for teacher, student in pairs:
            entry = {"name": "tristar", "teacher": teacher, "student": student}
            settings = {"smoke": True, "seeds": 1, "methods": ["dkd"], "plugins": ["none"]}
            suite = read_suite("table1", {**settings, "datasets": [entry]})
            plan.merge(make_plan(suite, take_inventory(suite, miniature_data)))
        return set(Watcher("pairs", plan, ResultStore(tmp_path)).look().rows)

    assert rows(("THERMAL", "DEPTH")) == {"teacher", "student", "dkd"}
    assert rows(("THERMAL", "DEPTH"), ("DEPTH", "THERMAL")) == {"reference", "dkd"}


def _large(methods: int, datasets: int, seeds: int) -> GridView:
    columns = [f"a data set with a long name {n}" for n in range(datasets)]

    def cells(method: int) -> list[RunCell]:
        state = State.RUNNING if method == methods - 1 else State.DONE if method else State.FAILED
        return [RunCell(f"run {n}", state) for n in range(seeds)]

    return GridView(
        title="large",
        columns=columns,
        rows={f"method {n}": {name: cells(n) for name in columns} for n in range(methods)},
        under_way=[RunUnderWay(f"run {n}\x1b[2J", "host gpu", 3.0, None) for n in range(40)],
        failures=[Failure(str(n), "run", "long " * 90, datetime.now(UTC)) for n in range(40)],
        seconds_left=1e6,
    )


@pytest.mark.parametrize(
    ("methods", "datasets", "seeds"), [(60, 3, 5), (5, 3, 100), (60, 40, 20), (2, 1, 500)]
)
def test_a_large_grid_fits_and_shows_first_where_something_happens(
    methods: int, datasets: int, seeds: int
) -> None:
    lines = _shown(_large(methods, datasets, seeds))
    text = "\n".join(lines)
    assert f"method {methods - 1}" in text  # which runs
    assert "method 0 " in text  # which failed
    if seeds > 20:
        assert f"{seeds}/{seeds}" in text or methods == 2
    if methods == 60:
        assert "more rows: " in text
    assert "and 34 more under way" in text
    assert "and 37 more failures" in text


@pytest.mark.parametrize(("width", "height"), [(20, 5), (40, 12), (200, 60)])
def test_terminals_of_other_sizes(width: int, height: int) -> None:
    _shown(_large(12, 3, 5), width, height)


def test_a_page_reloads_itself_until_the_grid_has_ended_and_escapes_what_runs_say(
    runs: list[PlannedRun], busy: ResultStore
) -> None:
    watcher = Watcher("<script>", _plan(runs), busy)
    page = render_page(watcher.look()).decode()
    assert '<meta http-equiv="refresh"' in page
    assert "ValueError: &lt;b&gt;too&lt;/b&gt; bright" in page
    assert "<script" not in page
    assert 'src="' not in page
    assert "--far: 70%" in page
    assert "epoch 8/10" in page
    view = _large(2, 1, 2)
    ended = GridView(view.title, [], {}, [], [], 0.0)
    assert '<meta http-equiv="refresh"' not in render_page(ended).decode()


def test_status_writes_a_page_and_says_how_to_watch(
    runs: list[PlannedRun],
    save: Save,
    read: Callable[..., str],
    tmp_path: Path,
    miniature_data: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for run in runs:
        save(run)
    data = ("--data", str(miniature_data))
    path = tmp_path / "grid.html"
    assert "it is kept up to date" in read("status", *SUITE, *data, "--html", str(path))
    assert "3 of 3 runs done" in path.read_text()
    path.unlink()
    # All is done, so that there is nothing to wait for.
    assert read("status", *SUITE, *data, "--watch", "--html", str(path)) == "3 of 3 runs done\n"
    assert path.exists()
    results = ("--results", str(tmp_path / "results"))
    assert main(["status", *SUITE, *data, *results, "--watch"]) == 2
    assert "--watch needs a terminal" in capsys.readouterr().err
    assert main(["status", *results, "--watch"]) == 2
    assert "name them with --suite" in capsys.readouterr().err


def test_a_training_shows_the_screen_below_its_lines(
    runs: list[PlannedRun], save: Save, tmp_path: Path
) -> None:
    printed = io.StringIO()
    store = ResultStore(tmp_path / "results")
    store.prepare()

    class _UntilSeen:
        """Its run ends once the terminal shows that it is under way."""

        def accepts(self, task: Task) -> bool:
            return True

        def submit(self, task: Task) -> None:
            self.run = task.run
            self.claim = store.claims.acquire(task.run.key, task.run.description, "cpu")
            store.advances.note(task.run.key, ADVANCE)

        def wait(self, seconds: float | None) -> Outcome:
            last = time.monotonic() + 60
            while "epoch 8/10" not in printed.getvalue() and time.monotonic() < last:
                time.sleep(0.01)
            save(self.run)
            return Outcome(self.run.key)

        def close(self) -> None:
            pass

    console = Console(file=printed, force_terminal=True, width=80, height=24)
    screen = GridScreen(Watcher("table1", _plan(runs[:1]), store).look)
    Scheduler(runs[:1], store, _UntilSeen(), Progress(console, screen)).run()
    assert "epoch 8/10" in printed.getvalue()
    assert "done    1/1" in printed.getvalue()
