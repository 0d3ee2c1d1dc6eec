"""Many comparisons at once: Holm's correction, and what is left to find after it."""

import math
from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from benchmark.statistics.level import ALPHA
from benchmark.statistics.paired import shared_variance
from core.lazy import lazy

special = lazy("scipy.special")

Key = TypeVar("Key", bound=Hashable)


def holm(p_values: Mapping[Key, float | None]) -> dict[Key, float | None]:
    """Correct a family of p-values so that the chance of any false rejection is at most alpha.

    The step-down procedure of Holm 1979, Scandinavian Journal of Statistics 6(2):65-70; it holds
    however the tests depend on each other.

    Args:
        p_values: in [0, 1], by comparison; None where there is no test, which makes the family
            smaller.

    Returns:
        Corrected p-values in [0, 1], to be held against alpha, in the same order; None stays None.

    Raises:
        ValueError: a p-value is NaN or not in [0, 1].
    """
    tested = {key: value for key, value in p_values.items() if value is not None}
    if not all(0 <= value <= 1 for value in tested.values()):
        raise ValueError("a p-value is not in [0, 1]")
    if not tested:
        return dict(p_values)

    # Not statsmodels' function: it makes the garbage collector go through all memory each time.
    values = np.array(list(tested.values()))
    order = np.argsort(values)
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(steps, 1)
    return dict(p_values) | dict(zip(tested, corrected.tolist(), strict=True))


def smallest_detectable_effect(
    n: int, comparisons: int, alpha: float = ALPHA, *, test_to_training: float | None = None
) -> float | None:
    """How large a mean difference must come out for Holm's first, strictest step to reject it.

    In standard deviations of the paired differences: the quantile of Student's t at
    1 - alpha / (2 * comparisons) with n - 1 degrees of freedom, over sqrt(n), or times
    sqrt(1 / n + test_to_training) for the corrected test. It is a bound on what is observed: a true
    difference of this size is found little more than half of the time.

    Args:
        n: repetitions.
        comparisons: tests in the family, at least 1.
        alpha: family-wise error rate, in (0, 1).
        test_to_training: as `paired_comparison` takes it; None for the plain t-test.

    Returns:
        None for fewer than two repetitions, which allow no test.

    Raises:
        ValueError: an argument is out of range.
    """
    if n < 0 or comparisons < 1 or not 0 < alpha < 1:
        raise ValueError(
            f"n = {n}, comparisons = {comparisons}, alpha = {alpha}; expected n >= 0, at least one "
            "comparison, and alpha between 0 and 1"
        )
    shared = shared_variance(test_to_training)
    if n < 2:
        return None

    quantile = -float(special.stdtrit(n - 1, alpha / (2 * comparisons)))
    if test_to_training is None:
        return quantile / math.sqrt(n)
    return quantile * math.sqrt(1 / n + shared)
