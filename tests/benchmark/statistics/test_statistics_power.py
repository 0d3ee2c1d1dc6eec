"""How many repetitions: against SciPy's noncentral t, and by simulating what they attain."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binom

from benchmark.statistics import (
    RepetitionsNeeded,
    paired_comparison,
    repetitions_for_power,
    repetitions_for_width,
)

RATIO = 0.2 / 0.7
PILOT = [0.5, 1.5, 1.0, 0.2, 0.9]
DEVIATION = float(np.std(PILOT, ddof=1))


def _power(n: int, difference: float, ratio: float, level: float = 0.05) -> float:
    shift = difference / (DEVIATION * math.sqrt(1 / n + ratio))
    quantile = stats.t.isf(level / 2, n - 1)
    return float(stats.nct.sf(quantile, n - 1, shift) + stats.nct.cdf(-quantile, n - 1, shift))


@pytest.mark.parametrize(
    ("difference", "ratio", "comparisons", "power"),
    [
        (0.3, 0.0, 1, 0.8),
        (0.28, 0.0, 1, 0.8),
        (0.33, 0.0, 1, 0.8),
        (0.45, 0.0, 1, 0.8),
        (0.05, 0.0, 1, 0.8),
        (1.0, 0.0, 36, 0.9),
        (1.0, RATIO, 1, 0.8),
        (0.8, RATIO, 1, 0.8),
        (1.6, RATIO, 36, 0.5),
    ],
)
def test_the_smallest_number_with_that_power(
    difference: float, ratio: float, comparisons: int, power: float
) -> None:
    found = repetitions_for_power(
        PILOT, difference, test_to_training=ratio or None, power=power, comparisons=comparisons
    )
    n, level = found.repetitions, 0.05 / comparisons
    assert n is not None
    assert found.reason is None
    assert _power(n, difference, ratio, level) >= power > _power(n - 1, difference, ratio, level)


def test_large_differences_need_two_repetitions_or_as_many_as_holm_asks_for() -> None:
    assert repetitions_for_power(PILOT, 300 * DEVIATION).repetitions == 2
    # At two repetitions the quantile for 100 comparisons is 1273: 40 deviations are not enough.
    assert (repetitions_for_power(PILOT, 40 * DEVIATION, comparisons=100).repetitions or 0) > 2


def test_the_floor_of_the_corrected_variance() -> None:
    # The quantiles 1.96 and 0.84 of the normal distribution.
    floor = (1.959964 + 0.841621) * DEVIATION * math.sqrt(RATIO)
    below, above = (
        repetitions_for_power(PILOT, factor * floor, test_to_training=RATIO)
        for factor in (0.999, 1.001)
    )
    assert below.limit == above.limit == pytest.approx(floor, rel=1e-6)
    assert below.repetitions is None
    assert below.reason is not None
    assert "less than 80% power" in below.reason
    assert above.repetitions is not None
    assert above.repetitions > 100
    assert repetitions_for_power(PILOT, 0.3).limit == 0


def _correlated(random: np.random.Generator, n: int, ratio: float) -> np.ndarray:
    """Differences with deviation DEVIATION, of which `ratio` times the variance is shared."""
    return DEVIATION * (math.sqrt(ratio) * random.normal() + random.normal(size=n))


@pytest.mark.parametrize("ratio", [0.0, RATIO])
def test_the_power_is_attained(ratio: float) -> None:
    difference, trials, found = 1.0, 4000, 0
    n = repetitions_for_power(PILOT, difference, test_to_training=ratio or None).repetitions
    assert n is not None
    random = np.random.default_rng(11)
    for _ in range(trials):
        drawn = difference + _correlated(random, n, ratio)
        paired = paired_comparison(
            dict(enumerate(drawn.tolist())),
            dict.fromkeys(range(n), 0.0),
            test_to_training=ratio or None,
        )
        assert paired is not None
        assert paired.marking_p_value is not None
        found += paired.marking_p_value < 0.05
    print(f"n = {n}, ratio {ratio:.2f}: power {found / trials:.3f}")
    assert found / trials == pytest.approx(_power(n, difference, ratio), abs=0.025)


@pytest.mark.parametrize(("half_width", "ratio"), [(0.3, 0.0), (0.05, 0.0), (0.9, RATIO)])
def test_the_smallest_number_with_that_half_width(half_width: float, ratio: float) -> None:
    found = repetitions_for_width(PILOT, half_width, test_to_training=ratio or None)
    assert found.repetitions is not None
    spread = stats.t.isf(0.025, 4) * DEVIATION
    widths = [spread * math.sqrt(1 / n + ratio) for n in (found.repetitions, found.repetitions - 1)]
    assert widths[0] <= half_width < widths[1]
    assert found.limit == pytest.approx(spread * math.sqrt(ratio))


def test_a_pilot_that_is_enough_needs_no_more() -> None:
    assert repetitions_for_width(PILOT, 10.0) == RepetitionsNeeded(5, 0.0)


def test_a_half_width_can_be_out_of_reach() -> None:
    floor = stats.t.isf(0.05, 4) * DEVIATION * math.sqrt(RATIO)
    found = repetitions_for_width(PILOT, floor - 1e-9, test_to_training=RATIO, confidence=0.9)
    assert found.repetitions is None
    assert found.limit == pytest.approx(floor)
    assert found.reason is not None
    assert f"stays above {floor:.4g}" in found.reason


@pytest.mark.parametrize(("half_width", "ratio"), [(0.5, 0.0), (1.2, RATIO)])
def test_two_stages_cover_the_truth(half_width: float, ratio: float) -> None:
    random = np.random.default_rng(12)
    trials, reached, missed = 4000, 0, 0
    for _ in range(trials):
        shared = math.sqrt(ratio) * random.normal()
        pilot = 1.0 + shared + random.normal(size=5)
        n = repetitions_for_width(
            pilot.tolist(), half_width, test_to_training=ratio or None
        ).repetitions
        if n is not None:
            further = n - 5  # whose mean is drawn at once, as there may be thousands
            total = pilot.sum() + further * (1.0 + shared) + math.sqrt(further) * random.normal()
            missed += abs(total / n - 1.0) > half_width
            reached += 1
    print(f"ratio {ratio:.2f}: {reached} of {trials} reached, {missed / trials:.3f} missed")
    low, high = binom.ppf([0.0005, 0.9995], trials, 0.05) / trials
    assert missed / trials <= high
    if ratio == 0:  # exact, but for pilots that were enough already
        assert reached == trials
        assert missed / trials >= low
    else:
        assert 0.2 < reached / trials < 0.6


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: repetitions_for_power([1.0], 1.0),
        lambda: repetitions_for_power([1.0, 1.0], 1.0),
        lambda: repetitions_for_power([1.0, math.nan], 1.0),
        lambda: repetitions_for_power(PILOT, 0.0),
        lambda: repetitions_for_power(PILOT, math.inf),
        lambda: repetitions_for_power(PILOT, 1.0, power=1.0),
        lambda: repetitions_for_power(PILOT, 1.0, power=0.05),
        lambda: repetitions_for_power(PILOT, 1.0, alpha=0.0),
        lambda: repetitions_for_power(PILOT, 1.0, comparisons=0),
        lambda: repetitions_for_power(PILOT, 1.0, test_to_training=0.0),
        lambda: repetitions_for_width([1.0], 1.0),
        lambda: repetitions_for_width(PILOT, 0.0),
        lambda: repetitions_for_width(PILOT, math.inf),
        lambda: repetitions_for_width(PILOT, 1.0, confidence=0.0),
        lambda: repetitions_for_width(PILOT, 1.0, confidence=1.0),
        lambda: repetitions_for_width(PILOT, 1.0, test_to_training=math.inf),
    ],
)
def test_nonsense_is_refused(attempt: Callable[[], RepetitionsNeeded]) -> None:
    with pytest.raises(ValueError, match="expected"):
        attempt()
