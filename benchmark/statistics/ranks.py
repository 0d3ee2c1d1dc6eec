"""Methods over all columns of a table: average ranks, Friedman's test, Nemenyi's comparisons.

As in Demšar 2006, Journal of Machine Learning Research 7:1-30. Columns are taken for independent,
and only the order within a column counts, not how far apart scores are.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.lazy import lazy

posthocs = lazy("scikit_posthocs")
stats = lazy("scipy.stats")
Row = TypeVar("Row", bound=Hashable)


@dataclass(frozen=True)
class RankTest(Generic[Row]):
    """Whether ranks differ by more than chance.

    Attributes:
        statistic: Friedman's chi-square, corrected for ties.
        p_value: of Friedman's test that all rows rank alike, from the chi-square approximation.
        critical_difference: average ranks this far apart differ at level `alpha`, after Nemenyi's
            correction for all pairs of rows.
        alpha: that level, in (0, 1).
        p_values: of each pair of different rows, in both orders, corrected in the same way.
    """

    statistic: float
    p_value: float
    critical_difference: float
    alpha: float
    p_values: Mapping[tuple[Row, Row], float]


@dataclass(frozen=True)
class RankAnalysis(Generic[Row]):
    """Ranks of the rows that have a score in every column.

    Attributes:
        columns: number of columns N.
        average_ranks: row -> mean over columns of its rank; 1 is best, ties share their mean rank.
        left_out: rows without a score in some column, which are not ranked.
        test: None where there can be no test.
        reason: why there is no test; None where there is one.
    """

    columns: int
    average_ranks: Mapping[Row, float]
    left_out: tuple[Row, ...]
    test: RankTest[Row] | None
    reason: str | None


def analyse_ranks(
    scores: Mapping[Row, Sequence[float | None]], alpha: float = 0.05
) -> RankAnalysis[Row]:
    """Rank rows within each column and test whether they differ.

    Args:
        scores: row -> score per column, higher is better; None where it is missing.
        alpha: level of the critical difference, in (0, 1).

    Raises:
        ValueError: rows differ in their number of columns, a score is NaN or infinite, or `alpha`
            is out of range.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, expected a number between 0 and 1")
    if len({len(values) for values in scores.values()}) > 1:
        raise ValueError("rows differ in their number of columns")
    if not all(value is None or math.isfinite(value) for row in scores.values() for value in row):
        raise ValueError("a score is NaN or infinite")
    complete = {row: list(values) for row, values in scores.items() if None not in values}
    left_out = tuple(row for row in scores if row not in complete)
    columns = len(next(iter(scores.values()), ()))
    if not columns:
        return RankAnalysis(0, {}, left_out, None, "there is no column")
    if not complete:
        return RankAnalysis(columns, {}, left_out, None, "no row is complete")

    ranks = np.asarray(stats.rankdata(-np.array(list(complete.values()), dtype=np.float64), axis=0))
    averages = dict(zip(complete, ranks.mean(axis=1).tolist(), strict=True))
    reason = _obstacle(ranks)
    test = None if reason else _test(tuple(complete), ranks, alpha)
    return RankAnalysis(columns, averages, left_out, test, reason)


def critical_difference(rows: int, columns: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of average ranks, for at least 2 rows and 1 column.

    q * sqrt(k (k + 1) / (6 N)) for k rows and N columns, q the studentized range's quantile for k
    groups and infinite degrees of freedom over sqrt(2) (Demšar 2006, section 3.2.2).
    """
    quantile = float(stats.studentized_range.ppf(1 - alpha, rows, math.inf)) / math.sqrt(2)
    return quantile * math.sqrt(rows * (rows + 1) / (6 * columns))


def _obstacle(ranks: NDArray[np.float64]) -> str | None:
    """Why ranks (rows, columns) cannot be tested; None where they can."""
    rows, columns = ranks.shape
    if rows < 3:
        return f"Friedman's test needs at least 3 complete rows, and there are {rows}"
    if columns < 2:
        return "Friedman's test needs at least 2 columns, and there is 1"
    if (ranks == ranks[0]).all():
        return "all rows are tied in every column"
    return None


def _test(rows: tuple[Row, ...], ranks: NDArray[np.float64], alpha: float) -> RankTest[Row]:
    count, columns = ranks.shape
    statistic, p_value = stats.friedmanchisquare(*ranks)
    pairwise = posthocs.posthoc_nemenyi_friedman(ranks.T).to_numpy()
    return RankTest(
        statistic=float(statistic),
        p_value=float(p_value),
        critical_difference=critical_difference(count, columns, alpha),
        alpha=alpha,
        p_values={
            (one, other): float(pairwise[i, j])
            for i, one in enumerate(rows)
            for j, other in enumerate(rows)
            if i != j
        },
    )
