"""Our mean against a printed one: where one more mean of a few runs would fall."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.statistics.paired import ROUNDING
from benchmark.statistics.summary import mean, standard_deviation
from core.lazy import lazy

special = lazy("scipy.special")


@dataclass(frozen=True)
class PredictionInterval:
    """Where the mean of further runs is expected, in the unit of the scores.

    Attributes:
        low: lower end.
        high: upper end.
        runs: how many further runs the mean is of.
    """

    low: float
    high: float
    runs: int

    def holds(self, printed: float, half_unit: float = 0.0) -> bool:
        """Whether a printed mean may be such a mean.

        Args:
            printed: in the unit of the scores.
            half_unit: half a unit of its last digit, by which it may have been rounded.
        """
        return self.low - half_unit <= printed <= self.high + half_unit


def prediction_interval(
    values: Mapping[int, float], runs: int = 5, confidence: float = 0.95
) -> PredictionInterval | None:
    """The interval for one more mean of `runs` repetitions, drawn as ours were.

    mean ± t(n - 1) * deviation * sqrt(1 / n + 1 / runs): a printed mean has chance of its own, so a
    confidence interval of ours is too narrow to hold it against. Splits of one data set make all
    repetitions, ours and theirs, alike in correlation; that part cancels in the difference of the
    two means, so nothing is corrected here.

    Args:
        values: repetition -> score.
        runs: repetitions behind the other mean, at least 1.
        confidence: how often the interval holds such a mean, in (0, 1).

    Returns:
        None for fewer than two repetitions, and where all scores are equal up to rounding, which
        measures no chance.

    Raises:
        ValueError: a score is NaN or infinite, or another argument is out of range.
    """
    if not 0 < confidence < 1 or runs < 1:
        raise ValueError(
            f"confidence = {confidence}, runs = {runs}; expected a confidence between 0 and 1, and "
            "at least one run"
        )
    if not all(map(math.isfinite, values.values())):
        raise ValueError("a score is NaN or infinite")
    centre, deviation = mean(values), standard_deviation(values)
    if centre is None or deviation is None:
        return None
    size = max(map(abs, values.values()))
    if max(values.values()) - min(values.values()) <= ROUNDING * size:
        return None

    n = len(values)
    quantile = float(special.stdtrit(n - 1, (1 + confidence) / 2))
    margin = quantile * deviation * math.sqrt(1 / n + 1 / runs)
    return PredictionInterval(centre - margin, centre + margin, runs)
