"""What methods cost: times and parameters of the runs behind a table."""

import json
from pathlib import Path

import pytest

from benchmark.planning.config import read_suite
from benchmark.records.result import result_of
from benchmark.reporting.costs import Cost, measure_costs, printed_cost_grid
from benchmark.reporting.published.printed import FOLDER
from benchmark.reporting.tables import SELECTED, Table, build_tables
from core.errors import UserError
from tests.benchmark.reporting.conftest import Grid, MakeGrid


def _table(grid: Grid) -> Table:
    results = {key: result_of(record) for key, record in grid.records.items()}
    tables = build_tables(grid.suite, grid.plan.cells, grid.summaries, results)
    return next(table for table in tables if table.checkpoint == SELECTED)


def _costs(grid: Grid) -> dict[tuple[str, str], dict[int, Cost]]:
    results = {key: result_of(record) for key, record in grid.records.items()}
    found = measure_costs(_table(grid), grid.plan.cells, results)
    return {(row.method, dataset): dict(group) for (row, dataset), group in found.items()}


@pytest.fixture
def grid(make_grid: MakeGrid) -> Grid:
    made = make_grid(suite="table2", cost=True, plugins=["none"])
    made.fill(made.score)
    return made


def _run(grid: Grid, method: str, modality: str, dataset: str, repetition: int = 0) -> str:
    (key,) = {
        cell.run
        for cell in grid.plan.cells
        if (cell.method, cell.evaluated_modality, cell.dataset, cell.repetition)
        == (method, modality, dataset, repetition)
    }
    return key


def _set(grid: Grid, key: str, **resources: float) -> None:
    record = grid.records[key]
    changed = record.resources.model_copy(update=resources)
    grid.records[key] = record.model_copy(update={"resources": changed})


def test_students_are_added_up_and_their_teacher_counts_once(grid: Grid) -> None:
    data = grid.summaries[0].name
    first, second = grid.summaries[0].modalities
    for modality, seconds in ((first, 100.0), (second, 20.0)):
        _set(grid, _run(grid, "kd_v1", modality, data), seconds=seconds)
    _set(grid, _run(grid, "teacher", "ALL", data), seconds=7.0)
    cost = _costs(grid)["kd_v1", data][0]
    assert (cost.main_seconds, cost.teacher_seconds, cost.total_seconds) == (120.0, 7.0, 127.0)
    teacher = grid.records[_run(grid, "teacher", "ALL", data)].deployments["ALL"].parameters
    assert cost.teacher_parameters == teacher
    assert cost.total_parameters == cost.main_parameters + cost.auxiliary_parameters + teacher


TRISTAR = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
TRISTAR_DATA = "tristar_miniature"


def test_each_of_several_teachers_counts_once_and_their_one_student_too(
    make_grid: MakeGrid,
) -> None:
    both = {**TRISTAR, "teacher": ["THERMAL", "DEPTH"]}
    grid = make_grid(cost=True, plugins=["none"], seeds=1, datasets=[TRISTAR, both])
    grid.fill(grid.score)
    for number, key in enumerate(grid.records):
        _set(grid, key, seconds=2.0**number, trained_parameters=11_000_000)
    seconds = {
        (cell.method, cell.teacher_modality): grid.records[cell.run].resources.seconds
        for cell in grid.plan.cells
    }
    cost = _costs(grid)["kd_v1", TRISTAR_DATA][0]
    teachers = seconds["teacher", "THERMAL"] + seconds["teacher", "THERMAL+DEPTH"]
    students = seconds["kd_v1", "THERMAL"] + seconds["kd_v1", "THERMAL+DEPTH"]
    assert (cost.main_seconds, cost.teacher_seconds) == (students, teachers)
    assert cost.main_parameters == 22_000_000
    student = _costs(grid)["student", TRISTAR_DATA][0]
    assert student.main_seconds == seconds["student", "THERMAL"]
    assert (student.main_parameters, student.auxiliary_parameters) == (11_000_000, 0)


def test_the_teacher_of_self_distillation_is_the_student(make_grid: MakeGrid) -> None:
    grid = make_grid(
        cost=True, plugins=["none"], seeds=1, datasets=[TRISTAR], methods=["self_distillation"]
    )
    grid.fill(lambda *_: 0.5)
    _set(grid, _run(grid, "student", "DEPTH", TRISTAR_DATA), seconds=3.0)
    _set(grid, _run(grid, "teacher", "THERMAL", TRISTAR_DATA), seconds=100.0)
    assert _costs(grid)["self_distillation", TRISTAR_DATA][0].teacher_seconds == 3.0


def test_times_of_more_than_a_day_are_in_hours(grid: Grid, tmp_path: Path) -> None:
    data = grid.summaries[0].name
    for repetition in range(2):
        key = _run(grid, "student", grid.summaries[0].modalities[0], data, repetition)
        _set(grid, key, seconds=3600.0 * 30)
    files = grid.report(tmp_path)
    assert "| 30:00:01 |" in files["md"]
    assert "day" not in files["md"]


def test_a_joint_run_counts_once_and_needs_no_teacher(grid: Grid) -> None:
    data = grid.summaries[0].name
    key = _run(grid, "discom_kd", grid.summaries[0].modalities[0], data)
    deployed = sum(net.parameters for net in grid.records[key].deployments.values())
    _set(grid, key, seconds=50.0, trained_parameters=deployed + 5)
    cost = _costs(grid)["discom_kd", data][0]
    assert (cost.main_seconds, cost.teacher_seconds) == (50.0, None)
    assert (cost.main_parameters, cost.auxiliary_parameters) == (deployed, 5)
    assert cost.total_parameters == deployed + 5


def test_a_repetition_without_all_its_runs_has_no_cost(grid: Grid) -> None:
    data = grid.summaries[0].name
    del grid.records[_run(grid, "kd_v1", grid.summaries[0].modalities[1], data)]
    del grid.records[_run(grid, "teacher", "ALL", data, repetition=1)]
    assert ("kd_v1", data) not in _costs(grid)
    assert set(_costs(grid)["student", data]) == {0, 1}


def test_the_report_shows_costs_and_says_where_devices_were_shared(
    grid: Grid, tmp_path: Path
) -> None:
    data = grid.summaries[0].name
    for repetition in range(2):
        key = _run(grid, "student", grid.summaries[0].modalities[0], data, repetition)
        _set(grid, key, seconds=3600.0 * 14 + 52 * 60, shared_device=True)
    files = grid.report(tmp_path)
    assert "Costs: Multi-modal" in files["md"]
    assert "14:52:01" in files["md"]
    assert "2 of 18 costs rest on runs that shared their device" in files["md"]
    costs = json.loads(files["json"])["costs"]["multi_modal"]
    assert {"main_seconds", "auxiliary_parameters"} <= costs[0].keys()


def test_nothing_of_costs_is_in_other_reports(make_grid: MakeGrid, tmp_path: Path) -> None:
    other = make_grid()
    other.fill(other.score)
    files = other.report(tmp_path)
    content = json.loads(files["json"])
    assert "Costs" not in files["md"]
    assert "costs" not in content
    assert "cost" not in content["suite"]


def test_printed_costs_stand_beside_the_suite_that_reruns_them(grid: Grid, tmp_path: Path) -> None:
    printed = printed_cost_grid("crodino_cost", _table(grid))
    assert printed is not None
    texts = [[cell.text for cell in row.cells] for row in printed.rows]
    assert ["crodino_kd", "20h30m", "-", "20h30m", "68M", "5M", "-", "73M"] in texts
    assert printed_cost_grid("table1", _table(grid)) is None
    (tmp_path / "crodino_kd_costs.csv").write_text("method,hours\nkd_net,3\n")
    with pytest.raises(UserError, match="expected the columns method, gpu_time_main"):
        printed_cost_grid("crodino_cost", _table(grid), tmp_path)


def test_every_printed_row_is_a_row_of_the_suite() -> None:
    suite = read_suite("crodino_cost")
    named = {"student", *(entry.column for entry in suite.methods)}
    lines = (FOLDER / "crodino_kd_costs.csv").read_text().splitlines()[1:]
    assert {line.split(",")[0] for line in lines} == named
