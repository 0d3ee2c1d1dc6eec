"""What the trials of a row choose from, and search spaces that a suite gets wrong."""

from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import REFERENCE, make_plan
from benchmark.planning.search_space import SearchSpace, search_space
from benchmark.records.spec import Training
from core.errors import UserError
from methods.search_space import Choice, LogUniform, Uniform

BUDGET = Training(epochs=30, learning_rate=1e-3)


def _suite(**overrides: Any) -> Suite:
    return read_suite(
        "table1", {"methods": ["dkd", {"name": "kd_v2", "temperature": 2}], **overrides}
    )


def _space(suite: Suite, method: int, training: Training = BUDGET) -> SearchSpace:
    return search_space(suite, suite.methods[method], training)


def test_all_rows_share_budget_and_have_what_their_methods_declare() -> None:
    suite = _suite()
    shared = {
        "learning_rate": LogUniform(1e-4, 1e-2),
        "weight_decay": LogUniform(1e-3, 1.0),
        "epoch_share": Uniform(0.5, 1.0),
    }
    assert search_space(suite, REFERENCE, BUDGET).ranges == shared
    own = {"alpha", "beta", "temperature", "warmup_epochs"}
    assert _space(suite, 0).ranges.keys() == shared.keys() | own
    # What the entry sets is what the row is about.
    assert _space(suite, 1).ranges.keys() == shared.keys() | {"distillation_weight"}
    assert _space(suite, 0).defaults["weight_decay"] is None
    assert _space(suite, 0).defaults["beta"] == 8.0


def test_a_suite_replaces_ranges_and_tunes_what_is_not_declared() -> None:
    suite = _suite(
        search_space={
            "learning_rate": {"choice": [1e-4, 1e-3]},
            "dkd.task_weight": {"uniform": [0, 1]},
        }
    )
    assert _space(suite, 0).ranges["learning_rate"] == Choice((1e-4, 1e-3))
    assert _space(suite, 0).ranges["task_weight"] == Uniform(0, 1)
    assert "task_weight" not in _space(suite, 1).ranges


def test_a_share_of_epochs_takes_the_warm_up_with_it() -> None:
    training = Training(epochs=140, warm_up_epochs=10)
    made = _space(_suite(), 0, training).configuration({"epoch_share": 0.5})
    assert made.training == {"epochs": 70, "warm_up_epochs": 5}
    assert _space(_suite(), 0).configuration({"epoch_share": 0.01}).training == {"epochs": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"learning_rat": {"uniform": [1, 2]}}, "'learning_rat': the nearest valid name is 'lea"),
        ({"dkd.bta": {"uniform": [1, 2]}}, "'dkd.bta': the nearest valid names? .*'dkd.beta'"),
        ({"dkd.beta": {"uniform": [2, 1]}}, "'beta' of method 'dkd' goes from 2 to 1, which leav"),
        ({"dkd.beta": {"choice": []}}, "'beta' of method 'dkd' has no values"),
        ({"dkd.beta": {"choice": ["much"]}}, "'beta' of method 'dkd' holds 'much': method 'dkd'"),
        ({"learning_rate": {"uniform": [-1, 1]}}, "'learning_rate' holds -1.0, expected numbers a"),
        ({"weight_decay": {"choice": [None]}}, "'weight_decay' holds None, expected numbers from"),
        ({"epoch_share": {"uniform": [0.5, 2]}}, "'epoch_share' holds 2.0, expected shares of the"),
        ({"dkd.beta": {"uniform": [1, 2], "choice": [1]}}, "should be one of uniform, log_uniform"),
        ({"dkd.beta": {"unifrm": [1, 2]}}, "key .*dkd.beta.unifrm': the nearest valid names are"),
    ],
)
def test_a_wrong_search_space_is_one_sentence(
    tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    def read_and_plan() -> None:
        suite = _suite(search_space=given)
        make_plan(suite, take_inventory(suite, tmp_path))
        _space(suite, 0)

    with pytest.raises(UserError, match=message) as refusal:
        read_and_plan()
    assert "\n" not in str(refusal.value)


def test_a_suite_without_a_space_of_its_own_is_written_as_before() -> None:
    assert "search_space" not in _suite().model_dump()
