"""Which differences of a table are more than chance: tests, intervals, ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.planning.plan import TEACHER
from benchmark.reporting.tables import AVERAGE, Column, EntryKey, Row, Table
from benchmark.statistics import (
    ALPHA,
    PairedComparison,
    RankAnalysis,
    Superiority,
    analyse_ranks,
    holm,
    paired_comparison,
    probability_of_superiority,
    seed_warnings,
)


@dataclass(frozen=True)
class Contrast:
    """A row minus another one in a column, paired over repetitions.

    Attributes:
        other: what the row is compared with.
        paired: differences of the score in [-1, 1], intervals, tests, effect size.
        holm_p: p-value of the test that marks, after Holm's correction over the table; None where
            there is no test.
        wins: how often the row scores higher than the other one.
        resampled: 95 % interval of the mean difference over resampled test samples, the trained
            networks held fixed; None where there is none.
    """

    other: Row
    paired: PairedComparison
    holm_p: float | None
    wins: Superiority
    resampled: tuple[float, float] | None = None

    @property
    def significant(self) -> bool:
        """Whether the test rejects that both are equal, at `ALPHA`."""
        return self.holm_p is not None and self.holm_p < ALPHA


@dataclass(frozen=True)
class Significance:
    """What the numbers of one table support.

    Attributes:
        to_baseline: every row but TEACHER against the baseline, per column.
        to_best: every row but TEACHER against the best of its column.
        warnings: sentences on what the numbers cannot support.
        ranks: of all rows but TEACHER over the columns, the average aside.
        remarks: sentences on what could not be computed.
    """

    to_baseline: Mapping[EntryKey, Contrast]
    to_best: Mapping[EntryKey, Contrast]
    warnings: Sequence[str]
    ranks: RankAnalysis[Row]
    remarks: Sequence[str] = ()


def analyse_table(table: Table) -> Significance:
    """Compare the rows of a table with its baseline and with the best of each column.

    The comparisons with the baseline are one family for Holm's correction, those with the best
    another.
    """
    to_baseline = _against_one(table, dict.fromkeys(table.columns, table.baseline_row))
    to_best = _against_one(table, {column: _best(table, column) for column in table.columns})
    tested = [contrast.paired for contrast in (to_baseline or to_best).values()]
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    scores = {
        row: [table.entries[row, column].mean if table.entries[row, column].complete else None
              for column in columns]
        for row in table.rows if row.method != TEACHER
    }  # fmt: skip
    return Significance(
        to_baseline,
        to_best,
        _seed_warnings(tested),
        analyse_ranks(
            scores,
            ALPHA,
            baseline=table.baseline_row,
            datasets=[column.dataset for column in columns],
        ),
    )


def _seed_warnings(tested: Sequence[PairedComparison]) -> list[str]:
    """Of the comparison that can find least."""
    if not tested:
        return []
    ratio = max((paired.test_to_training or 0 for paired in tested), default=0)
    fewest = min(paired.n for paired in tested)
    return seed_warnings(fewest, len(tested), ALPHA, test_to_training=ratio or None)


def mark(table: Table, significance: Significance) -> Table:
    """The table with the marks that the corrected tests allow."""
    entries = {
        key: replace(
            entry,
            differs=_significant(significance.to_baseline.get(key)),
            below_best=_significant(significance.to_best.get(key)),
        )
        for key, entry in table.entries.items()
    }
    return replace(table, entries=entries)


def _significant(contrast: Contrast | None) -> bool:
    return contrast is not None and contrast.significant


def _against_one(table: Table, others: Mapping[Column, Row | None]) -> dict[EntryKey, Contrast]:
    """Every row but TEACHER against one row per column."""
    return contrasts(
        table,
        {
            (row, column): other
            for column, other in others.items()
            for row in table.rows
            if other is not None and row != other and row.method != TEACHER
        },
    )


def contrasts(table: Table, others: Mapping[EntryKey, Row]) -> dict[EntryKey, Contrast]:
    """Compare entries with others of their columns; all are one family for Holm's correction.

    Args:
        table: the table.
        others: the rows that entries are compared with. Those that share no repetition are left
            out.
    """
    found: dict[EntryKey, tuple[Row, PairedComparison, Superiority]] = {}
    for (row, column), other in others.items():
        own, reference = table.entries[row, column], table.entries[other, column]
        ratio = table.test_to_training[column]
        paired = paired_comparison(own.values, reference.values, test_to_training=ratio)
        wins = probability_of_superiority(own.values, reference.values)
        if paired is not None and wins is not None:
            found[row, column] = other, paired, wins
    corrected = holm({key: paired.marking_p_value for key, (_, paired, _) in found.items()})
    return {
        key: Contrast(other, paired, corrected[key], wins)
        for key, (other, paired, wins) in found.items()
    }


def _best(table: Table, column: Column) -> Row | None:
    return next((row for row in table.rows if table.entries[row, column].best), None)
