"""P(A > B) by hand, and its interval against resamples and by simulation."""

import math

import numpy as np
import pytest

from benchmark.statistics import Superiority, probability_of_superiority

BASELINE = dict.fromkeys(range(40), 0.5)


def _outcomes(wins: int, ties: int, losses: int) -> dict[int, float]:
    return dict(enumerate([0.6] * wins + [0.5] * ties + [0.4] * losses))


def test_ties_count_half_and_only_shared_repetitions_count() -> None:
    result = probability_of_superiority(_outcomes(2, 1, 1) | {99: 0.9}, BASELINE)
    assert result is not None
    assert (result.n, result.probability) == (4, 0.625)
    assert probability_of_superiority({99: 0.9}, BASELINE) is None
    # 0.1 + 0.2 is not 0.3 for a computer, and 0.3 + 1e-11 is more.
    rounded = probability_of_superiority({0: 0.1 + 0.2, 1: 0.3 + 1e-11}, {0: 0.3, 1: 0.3})
    assert rounded is not None
    assert rounded.probability == 0.75


@pytest.mark.parametrize(("wins", "ties", "losses"), [(3, 0, 2), (7, 2, 1), (20, 5, 15), (1, 1, 0)])
def test_the_interval_is_that_of_many_resamples(wins: int, ties: int, losses: int) -> None:
    result = probability_of_superiority(_outcomes(wins, ties, losses), BASELINE, confidence=0.9)
    assert result is not None
    outcomes = np.array([1.0] * wins + [0.5] * ties + [0.0] * losses)
    random = np.random.default_rng(0)
    means = random.choice(outcomes, (100_000, len(outcomes))).mean(axis=1)
    expected = np.quantile(means, [0.05, 0.95], method="inverted_cdf")
    assert result.interval == pytest.approx(tuple(expected))


def test_outcomes_that_are_all_alike_have_no_interval() -> None:
    for outcomes, probability in (((5, 0, 0), 1.0), ((0, 5, 0), 0.5), ((0, 0, 5), 0.0)):
        result = probability_of_superiority(_outcomes(*outcomes), BASELINE)
        assert result == Superiority(5, probability, None)


def test_the_interval_covers_the_truth_with_thirty_repetitions() -> None:
    random = np.random.default_rng(3)
    covered, trials = 0, 1000
    for wins in random.binomial(30, 0.7, trials).tolist():
        result = probability_of_superiority(_outcomes(wins, 0, 30 - wins), BASELINE)
        assert result is not None
        assert result.interval is not None
        covered += result.interval[0] <= 0.7 <= result.interval[1]
    print(f"coverage of the interval of P(A > B), n = 30: {covered / trials:.3f}")
    assert 0.92 < covered / trials < 0.98


def test_nonsense_is_refused() -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="NaN or infinite"):
            probability_of_superiority({0: value}, BASELINE)
    for confidence in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match="confidence"):
            probability_of_superiority(BASELINE, BASELINE, confidence)
