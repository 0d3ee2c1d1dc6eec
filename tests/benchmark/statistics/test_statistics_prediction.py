"""The prediction interval by hand, and how often it holds a further mean."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from benchmark.statistics import prediction_interval


def test_numbers_by_hand() -> None:
    interval = prediction_interval({0: 0.5, 1: 0.6, 2: 0.7})
    assert interval is not None
    # 4.302653 is the tabulated t quantile for 2 degrees of freedom; the deviation is 0.1.
    margin = 4.302653 * 0.1 * math.sqrt(1 / 3 + 1 / 5)
    assert (interval.low, interval.high) == pytest.approx((0.6 - margin, 0.6 + margin))
    assert interval.runs == 5
    one = prediction_interval({0: 0.5, 1: 0.6, 2: 0.7}, runs=1, confidence=0.9)
    assert one is not None
    assert one.runs == 1
    # 2.919986: the same at 0.95 instead of 0.975.
    assert one.high - 0.6 == pytest.approx(2.919986 * 0.1 * math.sqrt(1 / 3 + 1))


def test_a_printed_value_may_be_rounded() -> None:
    interval = prediction_interval({0: 0.5, 1: 0.6, 2: 0.7})
    assert interval is not None
    assert interval.holds(0.6)
    assert interval.holds(interval.low)
    assert interval.holds(interval.high)
    for beyond in (interval.low - 0.004, interval.high + 0.004):
        assert not interval.holds(beyond)
        assert interval.holds(beyond, half_unit=0.005)
        assert not interval.holds(beyond, half_unit=0.003)


@pytest.mark.parametrize("n", [3, 5, 10])
def test_it_holds_a_further_mean_of_five_at_its_rate(n: int) -> None:
    # What a data set does to all of its repetitions, ours and theirs, cancels.
    random = np.random.default_rng(n)
    trials, held = 4000, 0
    for _ in range(trials):
        level = 0.7 + 0.02 * random.normal()
        ours = level + 0.01 * random.normal(size=n)
        interval = prediction_interval(dict(enumerate(ours.tolist())))
        assert interval is not None
        held += interval.holds(level + 0.01 * random.normal(size=5).mean())
    print(f"n = {n}: the prediction interval held {held / trials:.4f}")
    low, high = binom.ppf([0.0005, 0.9995], trials, 0.95) / trials
    assert low <= held / trials <= high


def test_without_spread_there_is_no_interval() -> None:
    assert prediction_interval({}) is None
    assert prediction_interval({0: 0.5}) is None
    assert prediction_interval({0: 0.5, 1: 0.5}) is None
    assert prediction_interval({0: 0.1 + 0.2, 1: 0.3}) is None


def test_nonsense_is_refused() -> None:
    scores = {0: 0.5, 1: 0.6}
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="NaN or infinite"):
            prediction_interval({0: value})
    for confidence in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match="confidence"):
            prediction_interval(scores, confidence=confidence)
    with pytest.raises(ValueError, match="at least one run"):
        prediction_interval(scores, runs=0)
