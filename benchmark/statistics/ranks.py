"""Methods over all columns of a table: average ranks, Friedman's test, comparisons after it.

As in Demšar 2006, Journal of Machine Learning Research 7:1-30. Columns are taken for independent,
and only the order within a column counts, not how far apart scores are.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.families import holm
from benchmark.statistics.level import ALPHA
from core.lazy import lazy

posthocs = lazy("scikit_posthocs")
special = lazy("scipy.special")
stats = lazy("scipy.stats")

Row = TypeVar("Row", bound=Hashable)
FEWEST_DRAWN = 5


@dataclass(frozen=True)
class RankTest(Generic[Row]):
    """Whether ranks differ by more than chance.

    Attributes:
        statistic: Iman and Davenport's F, from Friedman's chi-square corrected for ties; None where
            all columns have the same order, which would make it infinite.
        p_value: of the test that all rows rank alike, from the F distribution; never below the
            chance that all columns have one order.
        baseline: the row that all others are compared with; None where all pairs are compared.
        critical_difference: average ranks this far apart differ at level `alpha`: after Bonferroni
            and Dunn's correction for comparisons with the baseline, or Nemenyi's for all pairs.
        alpha: that level, in (0, 1).
        p_values: of pairs (row, baseline) of z-scores of their ranks after Holm's correction; or of
            each pair of different rows, in both orders, after Nemenyi's.
    """

    statistic: float | None
    p_value: float
    baseline: Row | None
    critical_difference: float
    alpha: float
    p_values: Mapping[tuple[Row, Row], float]


@dataclass(frozen=True)
class RankAnalysis(Generic[Row]):
    """Ranks of the rows that have a score in every column.

    Attributes:
        columns: number of columns N.
        independent_columns: number of their data sets: columns of one data set count as one.
        average_ranks: row -> mean over columns of its rank; 1 is best, ties share their mean rank.
        left_out: rows without a score in some column, which are not ranked.
        test: None where there can be no test.
        reason: why there is no test; None where there is one.
    """

    columns: int
    independent_columns: int
    average_ranks: Mapping[Row, float]
    left_out: tuple[Row, ...]
    test: RankTest[Row] | None
    reason: str | None

    @property
    def worth_drawing(self) -> bool:
        """Whether a diagram says something: a test, over at least five data sets."""
        return self.test is not None and self.independent_columns >= FEWEST_DRAWN


def analyse_ranks(
    scores: Mapping[Row, Sequence[float | None]],
    alpha: float = ALPHA,
    *,
    baseline: Row | None = None,
    datasets: Sequence[str] | None = None,
) -> RankAnalysis[Row]:
    """Rank rows within each column and test whether they differ.

    Args:
        scores: row -> score per column, higher is better; None where it is missing.
        alpha: level of the critical difference, in (0, 1).
        baseline: the row to compare all others with; None to compare all pairs, which are many more
            questions and find less.
        datasets: name of each column's data set; None where each column has its own.

    Raises:
        ValueError: rows differ in their number of columns, a score is NaN or infinite, the baseline
            is no row, or another argument does not fit.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, expected a number between 0 and 1")
    if len({len(values) for values in scores.values()}) > 1:
        raise ValueError("rows differ in their number of columns")
    if not all(value is None or math.isfinite(value) for row in scores.values() for value in row):
        raise ValueError("a score is NaN or infinite")
    if baseline is not None and baseline not in scores:
        raise ValueError("the baseline is not among the rows")
    columns = len(next(iter(scores.values()), ()))
    if datasets is not None and scores and len(datasets) != columns:
        raise ValueError(f"{len(datasets)} data sets for {columns} columns")
    independent = columns if datasets is None or not scores else len(set(datasets))
    complete = {row: list(values) for row, values in scores.items() if None not in values}
    left_out = tuple(row for row in scores if row not in complete)
    if not columns:
        return RankAnalysis(0, 0, {}, left_out, None, "there is no column")
    if not complete:
        return RankAnalysis(columns, independent, {}, left_out, None, "no row is complete")

    ranks = np.asarray(stats.rankdata(-np.array(list(complete.values()), dtype=np.float64), axis=0))
    averages = dict(zip(complete, ranks.mean(axis=1).tolist(), strict=True))
    reason = _obstacle(ranks)
    if reason is None and baseline in left_out:
        reason = "the baseline has no score in some column"
    test = None if reason else _test(tuple(complete), ranks, alpha, baseline)
    return RankAnalysis(columns, independent, averages, left_out, test, reason)


def critical_difference(rows: int, columns: int, alpha: float = ALPHA) -> float:
    """Nemenyi's critical difference of average ranks, for at least 2 rows and 1 column.

    q * sqrt(k (k + 1) / (6 N)) for k rows and N columns, q the studentized range's quantile for k
    groups and infinite degrees of freedom over sqrt(2) (Demšar 2006, section 3.2.2).
    """
    quantile = float(stats.studentized_range.ppf(1 - alpha, rows, math.inf)) / math.sqrt(2)
    return quantile * _rank_error(rows, columns)


def critical_difference_to_baseline(rows: int, columns: int, alpha: float = ALPHA) -> float:
    """Bonferroni and Dunn's critical difference to a baseline, itself one of at least 2 rows.

    As `critical_difference`, with the normal quantile at 1 - alpha / (2 (k - 1)) for q.
    """
    return -float(special.ndtri(alpha / (2 * (rows - 1)))) * _rank_error(rows, columns)


def _rank_error(rows: int, columns: int) -> float:
    """Standard error of the difference of two average ranks where all rows are alike."""
    return math.sqrt(rows * (rows + 1) / (6 * columns))


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


def _test(
    rows: tuple[Row, ...], ranks: NDArray[np.float64], alpha: float, baseline: Row | None
) -> RankTest[Row]:
    count, columns = ranks.shape
    statistic, p_value = _iman_davenport(ranks)
    if baseline is None:
        difference = critical_difference(count, columns, alpha)
        p_values = _all_pairs(rows, ranks)
    else:
        difference = critical_difference_to_baseline(count, columns, alpha)
        p_values = _to_baseline(rows, ranks, baseline)
    return RankTest(statistic, p_value, baseline, difference, alpha, p_values)


def _iman_davenport(ranks: NDArray[np.float64]) -> tuple[float | None, float]:
    """F and its p-value (Demšar 2006, section 3.2.2; Iman and Davenport 1980)."""
    rows, columns = ranks.shape
    # The chance that all columns have the order of the first, each order of its ranks as likely.
    _, ties = np.unique(ranks[:, 0], return_counts=True)
    orders = math.factorial(rows) // math.prod(math.factorial(tied) for tied in ties.tolist())
    smallest = float(orders) ** (1 - columns)
    if (ranks == ranks[:, :1]).all():
        return None, smallest
    chi_square = float(stats.friedmanchisquare(*ranks).statistic)
    statistic = (columns - 1) * chi_square / (columns * (rows - 1) - chi_square)
    p_value = float(special.fdtrc(rows - 1, (rows - 1) * (columns - 1), statistic))
    return statistic, max(p_value, smallest)


def _all_pairs(rows: tuple[Row, ...], ranks: NDArray[np.float64]) -> dict[tuple[Row, Row], float]:
    pairwise = posthocs.posthoc_nemenyi_friedman(ranks.T).to_numpy()
    return {
        (one, other): float(pairwise[i, j])
        for i, one in enumerate(rows)
        for j, other in enumerate(rows)
        if i != j
    }


def _to_baseline(
    rows: tuple[Row, ...], ranks: NDArray[np.float64], baseline: Row
) -> dict[tuple[Row, Row], float]:
    averages = ranks.mean(axis=1)
    apart = np.abs(averages - averages[rows.index(baseline)]) / _rank_error(*ranks.shape)
    found = {
        (row, baseline): 2 * float(special.ndtr(-z))
        for row, z in zip(rows, apart, strict=True)
        if row != baseline
    }
    return {pair: value for pair, value in holm(found).items() if value is not None}
