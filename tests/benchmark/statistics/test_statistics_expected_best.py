"""The expected best of so many trials, against all outcomes enumerated."""

from itertools import product
from statistics import fmean

import pytest

from benchmark.statistics import expected_best, expected_best_curve

SCORES = [0.3, 0.9, 0.5, 0.5]


@pytest.mark.parametrize("trials", [1, 2, 3, 5])
def test_it_is_the_mean_maximum_of_all_draws(trials: int) -> None:
    expected = fmean(max(drawn) for drawn in product(SCORES, repeat=trials))
    assert expected_best(SCORES, trials) == pytest.approx(expected)


def test_the_default_is_the_first_trial_and_none_is_worse() -> None:
    curve = expected_best_curve(0.6, SCORES)
    raised = [max(score, 0.6) for score in SCORES]
    expected = [fmean(max(drawn) for drawn in product(raised, repeat=k)) for k in range(1, 5)]
    assert curve == pytest.approx([0.6, *expected])
    assert expected_best_curve(0.6, []) == [0.6]


@pytest.mark.parametrize(("scores", "trials"), [([], 1), ([0.5], 0)])
def test_nothing_has_no_best(scores: list[float], trials: int) -> None:
    with pytest.raises(ValueError, match="expected 1 or more"):
        expected_best(scores, trials)
