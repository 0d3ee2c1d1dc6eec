"""False marks and coverage of the tests and intervals in tables where no method differs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics import holm, paired_comparison

ALPHA = 0.05


@dataclass(frozen=True)
class Rates:
    """What was found in tables of equal methods; shares in [0, 1].

    Attributes:
        tables: number of tables.
        correlation: of differences of two repetitions on one data set.
        marked: tables with at least one mark, by the plain paired t-test and Holm's correction.
        marked_corrected: the same by the corrected resampled t-test.
        covered: comparisons whose plain 95 % interval holds the true difference, 0.
        covered_corrected: the same for the corrected interval.
    """

    tables: int
    correlation: float
    marked: float
    marked_corrected: float
    covered: float
    covered_corrected: float


def find_rates(scores: NDArray[np.float64], test_to_training: float) -> Rates:
    """Compare all methods of each table with the first, as a report does.

    Args:
        scores: (tables, data sets, methods, repetitions), at least two repetitions.
        test_to_training: test samples over training samples.
    """
    marked, covered = np.zeros(2), np.zeros(2)
    tables, data_sets, methods, _ = scores.shape
    for table in scores:
        family: tuple[dict[tuple[int, int], float | None], ...] = ({}, {})
        for place in np.ndindex(data_sets, methods - 1):
            data, method = place
            paired = paired_comparison(
                dict(enumerate(table[data, method + 1].tolist())),
                dict(enumerate(table[data, 0].tolist())),
                test_to_training=test_to_training,
            )
            if paired is None:
                raise ValueError("expected at least two repetitions")
            family[0][place], family[1][place] = paired.t_p_value, paired.corrected_t_p_value
            for kind, interval in enumerate((paired.interval, paired.corrected_interval)):
                # Differences without spread have no interval, and then there is no claim either.
                covered[kind] += interval is None or interval[0] <= 0 <= interval[1]
        for kind, p_values in enumerate(family):
            corrected = holm(p_values).values()
            marked[kind] += any(value is not None and value < ALPHA for value in corrected)
    shares = marked / tables
    coverage = covered / (tables * data_sets * (methods - 1))
    return Rates(tables, correlation(scores), *shares.tolist(), *coverage.tolist())


def correlation(scores: NDArray[np.float64]) -> float:
    """Correlation of two repetitions' differences on one data set, over data sets.

    Their true mean is 0 where methods are equal, so that the mean square of a difference is its
    whole variance, and the variance within a data set is what is not shared.
    """
    differences = scores[:, :, 1:] - scores[:, :, :1]
    within = differences.var(axis=3, ddof=1).mean(axis=(0, 2))
    whole = (differences**2).mean(axis=(0, 2, 3))
    return float((1 - within / whole).mean())
