"""How many repetitions a question needs, from a pilot's paired differences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.level import ALPHA
from benchmark.statistics.paired import shared_variance
from benchmark.statistics.summary import standard_deviation
from core.lazy import lazy

special = lazy("scipy.special")

MOST = 100_000  # repetitions; beyond, nothing more is found that is worth a run


@dataclass(frozen=True)
class RepetitionsNeeded:
    """How many repetitions reach what was asked for.

    Attributes:
        repetitions: the smallest number, pilot included; None where none is enough.
        limit: what no number of repetitions goes below: a difference, or the half width of an
            interval, in the unit of the differences; 0 where splits are not drawn.
        reason: why no number is enough, for a report; None where one is.
    """

    repetitions: int | None
    limit: float
    reason: str | None = None


def repetitions_for_power(
    pilot: Sequence[float],
    difference: float,
    *,
    test_to_training: float | None = None,
    power: float = 0.8,
    alpha: float = ALPHA,
    comparisons: int = 1,
) -> RepetitionsNeeded:
    """How many repetitions find a true mean difference with some power, with the marking test.

    The power of the two-sided corrected resampled t-test is that of a noncentral t with n - 1
    degrees of freedom and noncentrality difference / (deviation * sqrt(1 / n + test_to_training)).
    That is below a limit however large n is: more repetitions bring no new data. The pilot's
    deviation is taken for the true one, so the answer is as rough as the pilot is small.

    Args:
        pilot: paired differences, at least two, not all equal.
        difference: the true mean difference to find, above 0, in the same unit.
        test_to_training: as `paired_comparison` takes it; None for one split and the plain t-test.
        power: chance to find it, above `alpha` and below 1.
        alpha: family-wise error rate, in (0, 1).
        comparisons: tests in the family; the first and strictest step of Holm's correction counts.

    Raises:
        ValueError: an argument is out of range.
    """
    deviation = _deviation(pilot)
    if not 0 < alpha < power < 1 or comparisons < 1 or not 0 < difference < math.inf:
        raise ValueError(
            f"difference = {difference}, power = {power}, alpha = {alpha}, comparisons = "
            f"{comparisons}; expected a difference above 0, 0 < alpha < power < 1, and at least "
            "one comparison"
        )
    shared = shared_variance(test_to_training)

    level = alpha / comparisons
    size = difference / deviation
    limit = float(special.ndtri(power) - special.ndtri(level / 2)) * deviation * math.sqrt(shared)
    if _power(MOST, size, shared, level) < power:
        return RepetitionsNeeded(
            None,
            limit,
            f"with a deviation of {deviation:.4g} per difference, up to {MOST:,} repetitions find "
            f"a difference of {difference:.4g} with less than {power:.0%} power",
        )
    low, high = 1, 2
    while _power(high, size, shared, level) < power:
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        if _power(middle, size, shared, level) < power:
            low = middle
        else:
            high = middle
    return RepetitionsNeeded(high, limit)


def repetitions_for_width(
    pilot: Sequence[float],
    half_width: float,
    *,
    test_to_training: float | None = None,
    confidence: float = 0.95,
) -> RepetitionsNeeded:
    """How many repetitions make the interval of the mean difference narrow: Stein's two stages.

    After a pilot of n0 differences with deviation s, n is the smallest number of at least n0 with
    t(n0 - 1) * s * sqrt(1 / n + test_to_training) <= half_width. Then mean ± half_width over all n
    covers the true difference with at least that confidence, without knowing the true deviation, as
    long as the quantile and the deviation stay those of the pilot (Stein 1945, Annals of
    Mathematical Statistics 16:243-258; with the variance of Nadeau and Bengio 2003).

    Args:
        pilot: paired differences, at least two, not all equal.
        half_width: of the interval, above 0, in the same unit.
        test_to_training: as `paired_comparison` takes it; None for one split.
        confidence: coverage of the interval, in (0, 1).

    Raises:
        ValueError: an argument is out of range.
    """
    deviation = _deviation(pilot)
    if not 0 < confidence < 1 or not 0 < half_width < math.inf:
        raise ValueError(
            f"half_width = {half_width}, confidence = {confidence}; expected a half width above 0 "
            "and a confidence between 0 and 1"
        )
    shared = shared_variance(test_to_training)

    spread = float(special.stdtrit(len(pilot) - 1, (1 + confidence) / 2)) * deviation
    limit = spread * math.sqrt(shared)
    if half_width <= limit:
        return RepetitionsNeeded(
            None,
            limit,
            f"with this pilot the half width stays above {limit:.4g} however many repetitions "
            f"there are, and {half_width:.4g} was asked for",
        )
    needed = math.ceil(1 / ((half_width / spread) ** 2 - shared))
    return RepetitionsNeeded(max(len(pilot), needed), limit)


def _power(n: int, size: float, shared: float, level: float) -> float:
    """Power of the two-sided test for a difference of `size` deviations, n >= 2."""
    shift = size / math.sqrt(1 / n + shared)
    quantile = float(special.stdtrit(n - 1, level / 2))
    # SciPy's noncentral t is NaN for large shifts. |z + shift| / u > |quantile|, with z normal and
    # u^2 (n - 1) chi-square, is integrated over z.
    z = np.linspace(-9, 9, 4001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    rejected = special.chdtr(n - 1, (n - 1) * ((z + shift) / quantile) ** 2)
    return float(np.trapezoid(density * rejected, z))


def _deviation(pilot: Sequence[float]) -> float:
    deviation = standard_deviation(dict(enumerate(pilot)))
    if deviation is None or not 0 < deviation < math.inf:
        raise ValueError("expected a pilot of at least two differences that are not all equal")
    return deviation
