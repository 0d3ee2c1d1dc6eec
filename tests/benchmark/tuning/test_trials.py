"""Trials: which are drawn, with what they are trained, and which is chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import STUDENT, make_plan
from benchmark.records.record import Record
from benchmark.records.result import RunResult, result_of
from benchmark.tuning.choosing import choose
from benchmark.tuning.plan import (
    Tuning,
    TuningPlan,
    plan_rung,
    plan_survivors,
    plan_tuned,
    plan_tuning,
)
from benchmark.tuning.pruning import prune

MakeRecord = Callable[..., Record]


@pytest.fixture
def planned(miniature_data: Path) -> Callable[..., tuple[Suite, list[DatasetSummary], TuningPlan]]:
    """A small suite with the trials of its rows."""

    def make(
        trials: int = 3, repetitions: int = 1, **overrides: Any
    ) -> tuple[Suite, list[DatasetSummary], TuningPlan]:
        settings = {
            "smoke": True,
            "seeds": 2,
            "datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}],
            "methods": ["kd_v2", "discom_kd"],
            "plugins": ["none", "lskd"],
            "training": {"epochs": 30, "learning_rate": 1e-4},
            **overrides,
        }
        suite = read_suite(settings.pop("suite", "table1"), settings)
        summaries = take_inventory(suite, miniature_data)
        return suite, summaries, plan_tuning(suite, summaries, Tuning(trials, repetitions))

    return make


def _values(tuned: TuningPlan) -> dict[tuple[str, str], list[dict[str, Any]]]:
    return {row: [dict(one.values) for one in own] for row, own in tuned.trials.items()}


def test_every_row_has_as_many_trials_and_the_first_is_the_default(planned: Callable) -> None:
    suite, summaries, tuned = planned(trials=4)
    rows = {(STUDENT, "none"), ("kd_v2", "none"), ("kd_v2", "lskd"), ("discom_kd", "none")}
    assert tuned.trials.keys() == rows
    assert {len(own) for own in tuned.trials.values()} == {4}
    elsewhere = suite.model_copy(update={"seeds": (2,)})
    default = {cell.contender: cell.run for cell in make_plan(elsewhere, summaries).cells}
    for contender in tuned.contenders:
        (cell,) = tuned.cells[contender, 0]
        assert (cell.repetition, cell.run) == (2, default[contender])


def test_the_same_trials_come_again_and_more_are_added_behind(planned: Callable) -> None:
    _, _, three = planned(trials=3)
    _, _, five = planned(trials=5)
    assert {row: own[:3] for row, own in _values(five).items()} == _values(three)
    assert three.plan.runs.keys() < five.plan.runs.keys()
    # Pinned: these values are parts of the keys of runs that are done.
    assert _values(three)[STUDENT, "none"][1] == {
        "learning_rate": 4.079e-05,
        "weight_decay": 0.001818,
        "epoch_share": 0.847,
    }
    assert _values(three)["kd_v2", "lskd"] != _values(three)["kd_v2", "none"]


def test_suites_share_the_trials_of_rows_that_they_share(planned: Callable) -> None:
    _, _, one = planned()
    _, _, other = planned(suite="table2", methods=["discom_kd"], datasets=[{"name": "tristar"}])
    shared = {run.spec.method for key, run in other.plan.runs.items() if key in one.plan.runs}
    assert shared == {"reference", "discom_kd"}


def test_a_trial_changes_its_row_and_leaves_the_teacher_alone(planned: Callable) -> None:
    suite, _, tuned = planned(methods=["kd_v2"], plugins=["none"])
    teachers = {
        run.spec.teacher.key for run in tuned.plan.runs.values() if run.spec.teacher is not None
    }
    (teacher,) = teachers
    assert tuned.plan.runs[teacher].spec.training == suite.training
    contender = next(one for one in tuned.contenders if one.method == "kd_v2")
    for trial in tuned.trials_of(contender)[1:]:
        (cell,) = tuned.cells[contender, trial.number]
        spec = tuned.plan.runs[cell.run].spec
        assert spec.hyperparameters["temperature"] == trial.values["temperature"]
        assert spec.hyperparameters["task_weight"] == 0.5  # which is not declared
        assert spec.training.learning_rate == trial.values["learning_rate"]
        assert spec.training.weight_decay == trial.values["weight_decay"]
        assert spec.training.epochs == round(30 * trial.values["epoch_share"])


def _results(
    tuned: TuningPlan, make_record: MakeRecord, validation: Callable[[int], float | None]
) -> dict[str, RunResult]:
    """Results of trials with a validation score by number, and the opposite test score."""
    found: dict[str, RunResult] = {}
    for (_, number), cells in tuned.cells.items():
        for cell in cells:
            score = validation(number)
            if score is None:
                continue
            run = tuned.plan.runs[cell.run]
            record = make_record(run, dict.fromkeys(run.spec.modalities, 1 - score))
            for deployment in record.deployments.values():
                selected = deployment.selected
                scores = selected.validation.model_copy(update={"weighted_f1": score})
                object.__setattr__(selected, "validation", scores)
            found[cell.run] = result_of(record)
    return found


def test_validation_alone_chooses(planned: Callable, make_record: MakeRecord) -> None:
    _, summaries, tuned = planned(trials=3, repetitions=2)
    outcomes = choose(tuned, _results(tuned, make_record, [0.4, 0.7, 0.5].__getitem__))
    assert {found.best for found in outcomes.values()} == {1}
    assert {found.scores for found in outcomes.values()} == {(0.4, 0.7, 0.5)}
    made = plan_tuned(tuned, summaries, outcomes)
    assert {cell.repetition for cell in made.plan.cells} == {0, 1}
    assert not {cell.run for cell in made.plan.cells} & tuned.plan.runs.keys()
    for cell in made.plan.cells:
        best = tuned.trials_of(cell.contender)[1]
        spec = made.plan.runs[cell.run].spec
        assert spec.training.learning_rate == best.values["learning_rate"]


def test_equal_trials_leave_the_default_and_its_runs(
    planned: Callable, make_record: MakeRecord
) -> None:
    suite, summaries, tuned = planned()
    outcomes = choose(tuned, _results(tuned, make_record, lambda _: 0.5))
    assert {found.best for found in outcomes.values()} == {0}
    made = plan_tuned(tuned, summaries, outcomes)
    assert {cell.run for cell in made.plan.cells} <= make_plan(suite, summaries).runs.keys()


def test_trials_without_a_score_are_counted_and_not_chosen(
    planned: Callable, make_record: MakeRecord
) -> None:
    _, summaries, tuned = planned()
    outcomes = choose(tuned, _results(tuned, make_record, [0.4, None, 0.5].__getitem__))
    assert {(found.best, found.finished) for found in outcomes.values()} == {(2, 2)}
    none = choose(tuned, {})
    assert {(found.best, found.finished) for found in none.values()} == {(None, 0)}
    assert not plan_tuned(tuned, summaries, none).plan.runs


def test_trials_below_the_median_of_a_fifth_of_their_epochs_are_pruned(
    planned: Callable, make_record: MakeRecord
) -> None:
    _, summaries, tuned = planned(trials=5)
    rung = plan_rung(tuned, summaries)
    for (contender, number), (cell,) in rung.cells.items():
        full = tuned.plan.runs[tuned.cells[contender, number][0].run].spec
        spec = rung.plan.runs[cell.run].spec
        assert spec.training.epochs == pytest.approx(full.training.epochs / 5, abs=0.6)
        assert spec.training.learning_rate == full.training.learning_rate
    # Of the four draws one has no score; the median of the others is 0.5.
    scores = [None, 0.4, 0.5, None, 0.6]
    pruned = prune(choose(rung, _results(rung, make_record, scores.__getitem__)))
    assert {number for _, number in pruned} == {1}
    assert len(pruned) == len(tuned.contenders)
    left = plan_survivors(tuned, pruned)
    assert left.plan.runs.keys() < tuned.plan.runs.keys()
    results = _results(left, make_record, [0.5, 0.9, 0.4, 0.6, 0.3].__getitem__)
    for found in choose(left, results).values():
        assert (found.best, found.finished, found.missing) == (3, 4, 0)
        assert [found.state(number) for number in (0, 1)] == ["finished", "pruned"]
