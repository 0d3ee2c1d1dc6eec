"""Repetitions by Stein's two stages: how many, and what the report says of them."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from benchmark.cli import main
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import make_plan
from benchmark.planning.repetitions import with_repetitions
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.repetitions.pilot import PilotComparison, read_pilot
from benchmark.repetitions.two_stages import SecondStage, Target, describe, plan_second_stage

RATIO = 2 / 7  # of the records
NOISE = {"kd_v1": [0.1, 0.3, 0.2, 0.0], "dkd": [0.05, 0.0, 0.2, 0.1]}
DEVIATION = math.sqrt(0.05 / 3)  # of the wider
Plan = Callable[[float, int], SecondStage]


@pytest.fixture
def plan_stage(make_record: Callable[..., Record], miniature_data: Path, tmp_path: Path) -> Plan:
    """The second stage after four repetitions of two methods with these differences in points."""
    settings = {
        "smoke": True,
        "datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}],
        "methods": list(NOISE),
        "plugins": ["none"],
        "seeds": 4,
    }
    suite = read_suite("table1", settings)
    summaries = take_inventory(suite, miniature_data)
    plan = make_plan(suite, summaries)
    store = ResultStore(tmp_path / "results")
    store.prepare()
    for cell in plan.cells:
        above = NOISE.get(cell.method, [0.0] * 4)[cell.repetition]
        record = make_record(plan.runs[cell.run], {cell.evaluated_modality: 0.5 + above / 100})
        store.save(record, {}, None)
    pilot: list[PilotComparison] = read_pilot(suite, plan, summaries, store)

    def call(half_width: float, most: int) -> SecondStage:
        return plan_second_stage(suite, pilot, Target(half_width, most))

    return call


def test_the_widest_comparison_decides_for_all(plan_stage: Plan) -> None:
    spread = stats.t.ppf(0.975, 3) * DEVIATION
    half_width = 0.26
    expected = math.ceil(1 / ((half_width / spread) ** 2 - RATIO))
    stage = plan_stage(half_width, 50)
    assert (stage.first, stage.repetitions, stage.capped) == (4, expected, False)
    assert f"from 4 of the first stage to {expected}" in describe(stage)
    assert "all 2 reach that" in describe(stage)


def test_a_target_that_is_met_adds_nothing(plan_stage: Plan) -> None:
    stage = plan_stage(2.0, 20)
    assert (stage.repetitions, stage.capped) == (4, False)


def test_the_limit_is_hit_and_the_report_says_so(plan_stage: Plan) -> None:
    stage = plan_stage(0.26, 5)
    assert (stage.repetitions, stage.above_most, stage.out_of_reach) == (5, 1, 0)
    assert "The limit of 5 repetitions was hit" in describe(stage)
    assert f"1 of 2 need more, up to {stage.needed}" in describe(stage)


def test_out_of_reach_is_said_plainly(plan_stage: Plan) -> None:
    stage = plan_stage(0.1, 12)
    limit = stats.t.ppf(0.975, 3) * DEVIATION * math.sqrt(RATIO)
    assert (stage.repetitions, stage.out_of_reach) == (12, 2)
    assert (
        f"2 of 2 cannot reach that at any number of repetitions, the widest not below ±{limit:.2f}"
        in describe(stage)
    )


def test_repetitions_that_are_done_stay() -> None:
    suite = read_suite("table1", {"seeds": [4, 1]})
    assert with_repetitions(suite, 5).seeds == (4, 1, 0, 2, 3)
    assert with_repetitions(suite, 1).seeds == (4, 1)


@pytest.fixture
def run(tmp_path: Path, miniature_data: Path) -> Callable[..., int]:
    """The main command on the smallest suite that compares something."""

    def call(*arguments: str) -> int:
        small = ("--smoke", "--epochs", "1", "--datasets", "tristar", "--device", "cpu")
        folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports")]
        choice = ("--suite", "table1", "--methods", "kd_v1", "--plugins", "none", *small)
        data = ("--data", str(miniature_data), "--executor", "inline")
        return main([*choice, *folders, *data, *arguments])

    return call


def test_from_first_stage_to_report_and_again(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = ("--until", "0.01", "--most-seeds", "3")
    report = tmp_path / "reports" / "table1_smoke" / "table1_smoke.md"

    assert run(*until, "--dry-run") == 0
    assert "The first stage of 2 repetitions is not complete" in _flat(capsys)

    assert run(*until) == 0
    text = _flat(capsys)
    assert "6 runs trained, 0 reused" in text
    assert "3 runs trained, 6 reused" in text
    written = report.read_text()
    assert "from 2 of the first stage to 3" in written
    assert "over 3 repetitions" in written

    assert run(*until) == 0
    assert "trained, 9 reused" in _flat(capsys)
    assert report.read_text() == written
    assert run(*until, "--report-only") == 0
    assert report.read_text() == written
    capsys.readouterr()
    assert run(*until[:2], "--most-seeds", "5", "--dry-run") == 0
    assert "from 2 of the first stage to 5" in _flat(capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--until", "0"], "--until 0: expected points above 0, up to 100"),
        (["--until", "nan"], "--until nan: expected points above 0, up to 100"),
        (["--most-seeds", "5"], "--most-seeds is the limit of --until"),
        (["--until", "1", "--most-seeds", "1"], "--most-seeds 1: expected 2 or more"),
        (["--until", "1", "--seeds", "1"], "has one repetition, but --until needs two or more"),
        (
            ["--until", "1", "--seeds", "4", "--most-seeds", "3"],
            "suite table1_smoke has 4 repetitions before any is added; expected 4 or more",
        ),
        (["--until", "1", "--suite", "audit"], "suite audit_smoke is an audit"),
    ],
)
def test_wrong_input_is_one_sentence_before_anything_is_trained(
    run: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[Any],
    arguments: list[str],
    message: str,
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "results").exists()


def _flat(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())
