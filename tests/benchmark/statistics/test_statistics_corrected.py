"""The corrected resampled t-test, against its formula; and which of the two tests marks."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics import (
    PairedComparison,
    paired_comparison,
    seed_warnings,
    smallest_detectable_effect,
)

RATIO = 0.2 / 0.7


def _compare(
    values: list[float], baseline: list[float], ratio: float | None = RATIO
) -> PairedComparison:
    result = paired_comparison(
        dict(enumerate(values)), dict(enumerate(baseline)), test_to_training=ratio
    )
    assert result is not None
    return result


@pytest.mark.parametrize("n", [2, 3, 5, 10, 25])
@pytest.mark.parametrize("ratio", [RATIO, 1.0, 1e-9])
def test_the_formula_of_nadeau_and_bengio(n: int, ratio: float) -> None:
    values, baseline = np.random.default_rng(n).uniform(0.5, 0.9, (2, n))
    result = _compare(values.tolist(), baseline.tolist(), ratio)
    differences = values - baseline
    error = np.sqrt((1 / n + ratio) * differences.var(ddof=1))
    t = differences.mean() / error
    assert result.corrected_t_p_value == pytest.approx(2 * stats.t.sf(abs(t), n - 1))
    margin = stats.t.isf(0.025, n - 1) * error
    assert result.corrected_interval == pytest.approx(
        (differences.mean() - margin, differences.mean() + margin)
    )
    assert result.test_to_training == ratio


def test_five_splits_of_70_to_20_divide_t_by_1_56() -> None:
    result = _compare([0.61, 0.66, 0.64, 0.69, 0.65], [0.6] * 5)
    assert result.interval is not None
    assert result.corrected_interval is not None
    (low, high), (wide_low, wide_high) = result.interval, result.corrected_interval
    assert (wide_high - wide_low) / (high - low) == pytest.approx(1.56, abs=0.005)
    assert result.t_p_value == pytest.approx(0.02, abs=0.005)
    assert result.corrected_t_p_value == pytest.approx(0.08, abs=0.02)


def test_the_corrected_test_marks_drawn_splits_and_the_plain_one_a_fixed_split() -> None:
    scores = [0.61, 0.66, 0.64, 0.69, 0.65], [0.6] * 5
    drawn, fixed = _compare(*scores), _compare(*scores, ratio=None)
    assert drawn.marking_p_value == drawn.corrected_t_p_value
    assert drawn.marking_interval == drawn.corrected_interval
    assert fixed.marking_p_value == fixed.t_p_value == drawn.t_p_value
    assert fixed.marking_interval == fixed.interval == drawn.interval
    assert (fixed.test_to_training, fixed.corrected_t_p_value) == (None, None)
    assert fixed.corrected_interval is None


def test_the_confidence_is_that_of_both_intervals() -> None:
    values, baseline = {0: 0.6, 1: 0.7, 2: 0.9}, dict.fromkeys(range(3), 0.5)
    result = paired_comparison(values, baseline, 0.9, test_to_training=RATIO)
    assert result is not None
    assert result.interval is not None
    assert result.corrected_interval is not None
    for (_, high), factor in (
        (result.interval, 1 / 3),
        (result.corrected_interval, 1 / 3 + RATIO),
    ):
        expected = stats.t.isf(0.05, 2) * np.sqrt(factor * np.var([0.1, 0.2, 0.4], ddof=1))
        assert high - result.difference == pytest.approx(expected)


def test_without_spread_there_is_no_corrected_test_either() -> None:
    one = _compare([0.75], [0.5])
    assert one == PairedComparison(1, 0.25, test_to_training=RATIO)
    assert one.marking_p_value is None
    same = _compare([0.5, 0.6, 0.7], [0.5, 0.6, 0.7])
    assert (same.corrected_t_p_value, same.corrected_interval) == (1.0, None)
    constant = _compare([0.6, 0.7, 0.8], [0.5, 0.6, 0.7])
    assert (constant.corrected_t_p_value, constant.corrected_interval) == (None, None)
    assert constant.marking_p_value is None


@pytest.mark.parametrize("ratio", [0.0, -0.1, math.nan, math.inf])
def test_the_ratio_is_above_0(ratio: float) -> None:
    with pytest.raises(ValueError, match="test_to_training"):
        _compare([0.5, 0.6], [0.5, 0.5], ratio)


def test_what_can_be_detected_is_what_the_corrected_test_rejects() -> None:
    n, comparisons = 5, 36
    effect = smallest_detectable_effect(n, comparisons, test_to_training=RATIO)
    assert effect is not None
    noise = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
    noise /= noise.std(ddof=1)
    below, above = (
        _compare((noise + factor * effect).tolist(), [0.0] * n).corrected_t_p_value
        for factor in (0.999, 1.001)
    )
    assert below is not None
    assert above is not None
    assert below * comparisons > 0.05 > above * comparisons
    for ratio in (0.0, -0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="test_to_training"):
            smallest_detectable_effect(5, 36, test_to_training=ratio)


@pytest.mark.parametrize(("n", "comparisons"), [(5, 36), (6, 36)])
def test_warnings_know_the_effect_that_the_corrected_test_finds(n: int, comparisons: int) -> None:
    effect = smallest_detectable_effect(n, comparisons, test_to_training=RATIO)
    corrected = seed_warnings(n, comparisons, test_to_training=RATIO)
    assert f"at least {effect:.1f} standard deviations" in corrected[0]
    assert corrected[1:] == seed_warnings(n, comparisons)[1:]
