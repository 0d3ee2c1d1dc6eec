"""One method against a baseline over repetitions: difference, interval, tests, effect size."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.summary import standard_deviation
from core.lazy import lazy
from core.seeding import derive_seed

special = lazy("scipy.special")
stats = lazy("scipy.stats")

# Equal scores that were summed in another order differ by some 1e-16 of their size; no two weighted
# F1 that do differ are this close.
ROUNDING = 1e-12
ENUMERATED = 20
RANDOM_FLIPS = 99_999


@dataclass(frozen=True)
class PairedComparison:
    """A method minus a baseline over the `n` repetitions that both have.

    Differences have the unit of the scores. What `n` repetitions, or differences without spread, do
    not determine is None; no number is NaN or infinite.

    Attributes:
        n: shared repetitions, at least 1.
        difference: mean difference; above 0 where the method is better.
        deviation: standard deviation of the differences, divisor n - 1; 0 where all are equal up
            to rounding.
        interval: t confidence interval of the mean difference, n - 1 degrees of freedom.
        t_p_value: of the two-sided paired t-test.
        sign_flip_p_value: of the two-sided sign-flip test of the mean difference.
        smallest_sign_flip_p_value: the lowest value that test can give with this n.
        effect_size: Hedges' g of the paired differences, in standard deviations of a difference;
            from n = 3.
        test_to_training: test samples over training samples, where each repetition draws its split
            from one data set; None where all repetitions have the data set's own split.
        corrected_interval: as `interval`, from the corrected variance; None for one split.
        corrected_t_p_value: of the corrected resampled t-test; None for one split.
    """

    n: int
    difference: float
    deviation: float | None = None
    interval: tuple[float, float] | None = None
    t_p_value: float | None = None
    sign_flip_p_value: float | None = None
    smallest_sign_flip_p_value: float | None = None
    effect_size: float | None = None
    test_to_training: float | None = None
    corrected_interval: tuple[float, float] | None = None
    corrected_t_p_value: float | None = None

    @property
    def marking_p_value(self) -> float | None:
        """The p-value that marks a table: the corrected one where splits are drawn."""
        return self.t_p_value if self.test_to_training is None else self.corrected_t_p_value

    @property
    def marking_interval(self) -> tuple[float, float] | None:
        """The interval that belongs to `marking_p_value`."""
        return self.interval if self.test_to_training is None else self.corrected_interval

    @property
    def interval_in_points(self) -> tuple[float, float] | None:
        """`marking_interval` of scores in [0, 1], in percentage points."""
        if self.marking_interval is None:
            return None
        low, high = self.marking_interval
        return 100 * low, 100 * high


def paired_comparison(
    values: Mapping[int, float],
    baseline: Mapping[int, float],
    confidence: float = 0.95,
    *,
    test_to_training: float | None = None,
) -> PairedComparison | None:
    """Compare a method with a baseline, paired by repetition.

    The paired t-test is exact where the differences of repetitions are independent and normal.
    Repetitions that draw their splits from one data set share samples, so that their differences
    are correlated and the spread between them understates how far their mean is from the truth. The
    corrected resampled t-test (Nadeau and Bengio 2003, Machine Learning 52:239-281, section 5)
    takes a variance of (1 / n + test / training samples) times that of a difference in place of
    1 / n times it; the degrees of freedom stay n - 1. It marks a table where splits are drawn, the
    plain one where the data set has a split of its own.

    A test that assumes no distribution has at most 2^n equally likely outcomes, so that its
    two-sided p-value is never below 2^(1 - n): with n = 5 that is 0.0625, and no such test can
    reject at 0.05 whatever the differences are. The sign-flip test, which assumes only that
    differences are independent and symmetric around 0, stands beside the t-test as a check.

    Differences that are all equal, up to rounding, have no spread to measure chance by:

    - all zero: all p-values are 1, as nothing speaks against the null hypothesis;
    - a constant other than zero: neither t-test has a p-value, as its statistic would be infinite
      and certainty cannot come from a few runs; the sign-flip test is at its smallest value.

    In both cases there is neither an interval nor an effect size.

    Args:
        values: repetition -> score of the method.
        baseline: repetition -> score of the baseline, in the same unit.
        confidence: coverage of the interval, in (0, 1).
        test_to_training: test samples over the samples that a network is trained on, above 0, where
            splits are drawn: 0.2 / 0.7 for 70 % training, 10 % validation, 20 % test. None where
            all repetitions have the same split, and there is no corrected test.

    Returns:
        None where they share no repetition.

    Raises:
        ValueError: a score is NaN or infinite, or another argument is out of range.

    The effect size is mean / deviation of the differences (d_z in Lakens 2013, Frontiers in
    Psychology 4:863) times the exact small-sample correction of Hedges 1981, Journal of Educational
    Statistics 6(2):107-128, which makes it unbiased. For two repetitions that correction is 0.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, expected a number between 0 and 1")
    shared_variance(test_to_training)
    if not all(map(math.isfinite, (*values.values(), *baseline.values()))):
        raise ValueError("a score is NaN or infinite")
    shared = sorted(values.keys() & baseline.keys())
    if not shared:
        return None
    differences = {key: values[key] - baseline[key] for key in shared}
    n = len(shared)
    difference = fmean(differences.values())
    deviation = standard_deviation(differences)
    if deviation is None:
        return PairedComparison(n, difference, test_to_training=test_to_training)

    rounding = ROUNDING * max(max(abs(values[key]), abs(baseline[key])) for key in shared)
    flipped = _sign_flip_p_value(list(differences.values()), rounding)
    floor = 2.0 ** (1 - n) if n <= ENUMERATED else 2 / (RANDOM_FLIPS + 1)
    if max(differences.values()) - min(differences.values()) <= rounding:
        p_value = 1.0 if abs(difference) <= rounding else None
        return PairedComparison(
            n,
            difference,
            0.0,
            None,
            p_value,
            flipped,
            floor,
            test_to_training=test_to_training,
            corrected_t_p_value=None if test_to_training is None else p_value,
        )

    error = deviation / math.sqrt(n)
    interval, p_value = _student(difference, error, n - 1, confidence)
    plain = PairedComparison(
        n,
        difference,
        deviation,
        interval,
        p_value,
        flipped,
        floor,
        difference / deviation * _small_sample_correction(n - 1) if n > 2 else None,
    )
    if test_to_training is None:
        return plain
    corrected_error = deviation * math.sqrt(1 / n + shared_variance(test_to_training))
    corrected_interval, corrected_p = _student(difference, corrected_error, n - 1, confidence)
    return replace(
        plain,
        test_to_training=test_to_training,
        corrected_interval=corrected_interval,
        corrected_t_p_value=corrected_p,
    )


def shared_variance(test_to_training: float | None) -> float:
    """The part of a mean's variance that no repetition takes away, over that of a difference.

    Raises:
        ValueError: the ratio is not above 0.
    """
    if test_to_training is None:
        return 0.0
    if not 0 < test_to_training < math.inf:
        raise ValueError(f"test_to_training is {test_to_training}, expected a number above 0")
    return test_to_training


def _student(
    difference: float, error: float, freedom: int, confidence: float
) -> tuple[tuple[float, float], float]:
    """Interval and two-sided p-value of a mean difference with this standard error."""
    # Two special functions: scipy.stats takes a hundred times as long a call, for the same numbers.
    margin = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
    interval = difference - margin, difference + margin
    return interval, 2 * float(special.stdtr(freedom, -abs(difference) / error))


def _sign_flip_p_value(differences: Sequence[float], rounding: float) -> float:
    """The share of sign patterns whose |sum| is at least the observed one, ties included.

    All patterns count up to `ENUMERATED` differences; beyond, `RANDOM_FLIPS` drawn with a fixed
    seed and the observed one, so that the p-value is never 0.
    """
    n = len(differences)
    if n > ENUMERATED:
        result = stats.permutation_test(
            (np.array(differences),),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=RANDOM_FLIPS,
            batch=1000,
            rng=np.random.default_rng(derive_seed("sign-flip test")),
        )
        return float(result.pvalue)
    threshold = abs(sum(differences)) - n * rounding
    if threshold <= 0:
        return 1.0
    # A pattern and its negative have the same |sum|, so the first sign stays as it is. Each sum has
    # a part from either half, and the parts of one half, in order, are searched for the few that
    # complete one of the other: some 2^(n/2) steps for 2^(n-1) patterns.
    middle = n // 2 + 1
    first = _signed_sums(differences[0], differences[1:middle])
    second = np.sort(_signed_sums(0.0, differences[middle:]))
    above = len(second) - np.searchsorted(second, threshold - first, side="left")
    below = np.searchsorted(second, -threshold - first, side="right")
    return int((above + below).sum()) / (len(first) * len(second))


def _signed_sums(start: float, values: Sequence[float]) -> NDArray[np.float64]:
    """`start` plus or minus each of the values, in every pattern of signs, (2^len(values),)."""
    sums = np.array([start])
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def _small_sample_correction(freedom: int) -> float:
    """Hedges' exact correction c(m) for m >= 2 degrees of freedom, in (0, 1)."""
    logarithm = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)
    return math.exp(logarithm) / math.sqrt(freedom / 2)
