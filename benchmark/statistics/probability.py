"""How often a method beats the baseline: P(A > B) over repetitions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.paired import ROUNDING


@dataclass(frozen=True)
class Superiority:
    """The probability that a repetition of a method scores higher than the baseline's.

    Attributes:
        n: shared repetitions, at least 1.
        probability: share of repetitions that the method wins, a tie being half a win, in [0, 1].
        interval: percentile bootstrap interval over repetitions; None where all end alike, as then
            all resamples do.
    """

    n: int
    probability: float
    interval: tuple[float, float] | None


def probability_of_superiority(
    values: Mapping[int, float], baseline: Mapping[int, float], confidence: float = 0.95
) -> Superiority | None:
    """P(A > B) of a method against a baseline, paired by repetition.

    As in Bouthillier et al. 2021, "Accounting for variance in machine learning benchmarks", MLSys,
    section 4.2, with a percentile bootstrap of the pairs. The interval is that of infinitely many
    resamples: with wins, ties and losses alone, their distribution can be written down. It takes
    repetitions for independent, and is rough for fewer than some 20.

    Args:
        values: repetition -> score of the method.
        baseline: repetition -> score of the baseline, in the same unit.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        None where they share no repetition.

    Raises:
        ValueError: a score is NaN or infinite, or `confidence` is out of range.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, expected a number between 0 and 1")
    if not all(map(math.isfinite, (*values.values(), *baseline.values()))):
        raise ValueError("a score is NaN or infinite")
    shared = values.keys() & baseline.keys()
    if not shared:
        return None
    n = len(shared)
    outcomes = np.zeros(3)  # losses, ties, wins: worth 0, 1, 2 halves
    for key in shared:
        difference = values[key] - baseline[key]
        rounding = ROUNDING * max(abs(values[key]), abs(baseline[key]))
        outcomes[1 if abs(difference) <= rounding else 2 * (difference > 0)] += 1
    probability = float(outcomes @ [0, 1, 2]) / (2 * n)
    if outcomes.max() == n:
        return Superiority(n, probability, None)
    halves = np.ones(1)
    for _ in range(n):
        halves = np.convolve(halves, outcomes / n)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.searchsorted(np.cumsum(halves), tails) / (2 * n)
    return Superiority(n, probability, (float(low), float(min(high, 1))))
