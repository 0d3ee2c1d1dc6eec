"""Plans, resuming, dispatch and reports do what they do once per run, however many there are."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmark.cli import main
from benchmark.commands import report_display as command_module
from benchmark.planning import method_settings as settings_module
from benchmark.planning import plan as plan_module
from benchmark.planning.plan import Plan, PlannedRun
from benchmark.records import store as store_module
from benchmark.records.run_files import RUNS
from benchmark.records.spec import RunSpec
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Outcome, Task
from benchmark.running.progress import Progress
from benchmark.running.remaining import runs_to_do
from benchmark.running.scheduler import Scheduler
from benchmark.scale.synthetic_results import fill, link_half, plan_of, write_suite
from methods.registry import make_method

RUNS_WANTED = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite with a record of every run in `results`, and of every second one in `half`."""
    folder = tmp_path_factory.mktemp("scale")
    _, plan = plan_of(write_suite(folder, RUNS_WANTED))
    fill(plan.runs.values(), folder / "results")
    link_half(folder / "results", folder / "half")
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return plan_of(folder / "scale.yaml")[1]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each record was read."""
    count: Counter[str] = Counter()
    for name in ("read_record", "read_result"):
        original = getattr(store_module, name)

        def counting(path: Path, original: Callable[[Path], Any] = original) -> Any:
            count[path.stem] += 1
            return original(path)

        monkeypatch.setattr(store_module, name, counting)
    return count


class _Recorder:
    """An executor whose runs end at once."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.started: list[PlannedRun] = []
        self._under_way: list[str] = []

    def accepts(self, task: Task) -> bool:
        return len(self._under_way) < self.capacity

    def submit(self, task: Task) -> None:
        self.started.append(task.run)
        self._under_way.append(task.run.key)
        assert len(self._under_way) <= self.capacity

    def wait(self, seconds: float | None) -> Outcome:
        return Outcome(self._under_way.pop(0))

    def close(self) -> None:
        pass


def test_a_synthetic_plan_has_about_the_size_that_is_asked_for(plan: Plan) -> None:
    assert len(plan.runs) == pytest.approx(RUNS_WANTED, rel=0.2)


def test_a_plan_makes_each_method_once_and_each_run_at_most_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Counter[str] = Counter()
    specs: Counter[tuple[Any, ...]] = Counter()

    def counting_method(name: str, overrides: dict[str, Any]) -> Any:
        made[f"{name} {overrides}"] += 1
        return make_method(name, overrides)

    def counting_spec(**values: Any) -> RunSpec:
        spec = RunSpec(**values)
        specs[(spec.key,)] += 1
        return spec

    monkeypatch.setattr(settings_module, "make_method", counting_method)
    monkeypatch.setattr(plan_module, "RunSpec", counting_spec)
    _, plan = plan_of(folder / "scale.yaml")
    assert set(made.values()) == {1}
    assert len(specs) == len(plan.runs)
    # Only references and joint runs, which scenarios share, are asked for again.
    assert sum(specs.values()) < 1.3 * len(plan.runs)


def test_resuming_reads_each_record_once_and_reporting_twice_at_most(
    folder: Path, plan: Plan, read: Counter[str], tmp_path: Path
) -> None:
    store = ResultStore(folder / "results")
    for _ in range(3):
        assert runs_to_do(plan.runs.values(), store) == []
    assert read == dict.fromkeys(plan.runs, 1)
    read.clear()
    places = {"--results": folder / "results", "--reports": tmp_path, "--data": folder}
    options = [text for name, place in places.items() for text in (name, str(place))]
    assert main(["--suite", str(folder / "scale.yaml"), "--report-only", *options]) == 0
    # Once for the tables, and once more where the page shows curves and confusion matrices of it.
    assert set(read) == set(plan.runs)
    assert set(read.values()) <= {1, 2}


def test_status_reads_each_record_once(
    folder: Path, plan: Plan, read: Counter[str], capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"--results": folder / "results", "--suite": folder / "scale.yaml", "--data": folder}
    options = [text for name, place in places.items() for text in (name, str(place))]
    assert main(["status", *options]) == 0
    assert str(len(plan.runs)) in capsys.readouterr().out
    assert read == dict.fromkeys(plan.runs, 1)


def test_tables_that_are_too_long_for_the_console_are_only_written(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"--results": folder / "results", "--reports": tmp_path, "--data": folder}
    options = [text for name, place in places.items() for text in (name, str(place))]
    command = ["--suite", str(folder / "scale.yaml"), "--report-only", *options]
    assert main(command) == 0
    assert "TEACHER" in capsys.readouterr().out
    whole = {path.name: path.read_bytes() for path in (tmp_path / "scale").iterdir()}
    monkeypatch.setattr(command_module, "SHOWN_LINES", 20)
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "TEACHER" not in printed
    assert re.search(r"the tables of scale have \d+ lines: read them in its report", printed)
    assert {path.name: path.read_bytes() for path in (tmp_path / "scale").iterdir()} == whole


def test_a_store_keeps_no_records(folder: Path, plan: Plan) -> None:
    store = ResultStore(folder / "results")
    key = next(iter(plan.runs))
    assert store.lookup(key) is not store.lookup(key)
    assert store.result(key) is store.result(key)


def test_a_damaged_record_of_a_large_folder_is_found(folder: Path, plan: Plan) -> None:
    store = ResultStore(folder / "half")
    done = sorted(path.stem for path in (folder / "half" / RUNS).glob("*.json"))
    expected = plan.runs.keys() - set(done)
    assert {run.key for run in runs_to_do(plan.runs.values(), store)} >= expected
    damaged = folder / "half" / RUNS / f"{done[-1]}.json"
    content = damaged.read_bytes()
    damaged.unlink()  # a link to the file in the other folder, which must stay as it is
    damaged.write_bytes(content[: len(content) // 2])
    again = ResultStore(folder / "half")
    assert done[-1] in {run.key for run in runs_to_do(plan.runs.values(), again)}
    assert list(again.unreadable) == [done[-1]]


@pytest.mark.parametrize("capacity", [1, 3])
def test_dispatch_looks_at_each_run_a_bounded_number_of_times(
    plan: Plan, tmp_path: Path, capacity: int
) -> None:
    looks = 0

    class Counted(PlannedRun):
        @property
        def teacher_key(self) -> str | None:
            nonlocal looks
            looks += 1
            return super().teacher_key

    runs = [Counted(run.spec, run.source, run.cost) for run in plan.runs.values()]
    executor = _Recorder(capacity)
    progress = Progress(Console(quiet=True))
    summary = Scheduler(runs, ResultStore(tmp_path), executor, progress).run()
    assert summary.trained == len(runs)
    assert looks <= 6 * len(runs)
    place = {run.key: number for number, run in enumerate(executor.started)}
    assert all(place[run.teacher_key] < place[run.key] for run in runs if run.teacher_key)
    if capacity == 1:
        assert [run.key for run in executor.started] == list(plan.runs)
