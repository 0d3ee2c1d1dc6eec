"""Which differences of a table are more than chance: tests, intervals, ranks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.plan import TEACHER, Cell
from benchmark.records import Record, predictions_name
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_of
from benchmark.statistics import (
    PairedComparison,
    RankAnalysis,
    analyse_ranks,
    bootstrap_differences,
    holm,
    paired_comparison,
    percentile_interval,
    seed_warnings,
)

ALPHA = 0.05

# From a run's key to its stored predictions by name; None where they are not there.
Predictions = Callable[[str], Mapping[str, NDArray[np.int64]] | None]
Place = tuple[Row, Column]


@dataclass(frozen=True)
class Contrast:
    """A row minus another one in a column, paired over repetitions.

    Attributes:
        other: what the row is compared with.
        paired: differences of weighted F1 in [-1, 1], interval, tests, effect size.
        corrected_p: p-value of the paired t-test after Holm's correction over the table; None
            where there is no test.
        resampled: 95 % interval of the mean difference over resampled test samples, the trained
            networks held fixed; None without stored predictions.
    """

    other: Row
    paired: PairedComparison
    corrected_p: float | None
    resampled: tuple[float, float] | None = None

    @property
    def significant(self) -> bool:
        """Whether the corrected test rejects that both are equal, at 0.05."""
        return self.corrected_p is not None and self.corrected_p < ALPHA


@dataclass(frozen=True)
class Significance:
    """What the numbers of one table support.

    Attributes:
        to_baseline: every row but TEACHER against the baseline, per column.
        to_best: every row but TEACHER against the best of its column.
        warnings: sentences on what the number of repetitions cannot support.
        ranks: of all rows but TEACHER over the columns, the average aside.
    """

    to_baseline: Mapping[Place, Contrast]
    to_best: Mapping[Place, Contrast]
    warnings: Sequence[str]
    ranks: RankAnalysis[Row]


def analyse_table(table: Table) -> Significance:
    """Compare the rows of a table with its baseline and with the best of each column.

    The comparisons with the baseline are one family for Holm's correction, those with the best
    another.
    """
    baseline = next((row for row in table.rows if row.method == table.baseline), None)
    to_baseline = _contrasts(table, dict.fromkeys(table.columns, baseline))
    to_best = _contrasts(table, {column: _best(table, column) for column in table.columns})
    tested = [contrast.paired.n for contrast in (to_baseline or to_best).values()]
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    scores = {
        row: [table.entries[row, column].mean if table.entries[row, column].complete else None
              for column in columns]
        for row in table.rows if row.method != TEACHER
    }  # fmt: skip
    return Significance(
        to_baseline,
        to_best,
        seed_warnings(min(tested), len(tested), ALPHA) if tested else [],
        analyse_ranks(scores, ALPHA),
    )


def mark(table: Table, significance: Significance) -> Table:
    """The table with the marks that the corrected tests allow."""
    entries = {
        place: replace(
            entry,
            differs=place in significance.to_baseline
            and significance.to_baseline[place].significant,
            below_best=place in significance.to_best and significance.to_best[place].significant,
        )
        for place, entry in table.entries.items()
    }
    return replace(table, entries=entries)


def resample_tests(
    table: Table,
    significance: Significance,
    cells: Sequence[Cell],
    records: Mapping[str, Record],
    predictions: Predictions,
) -> Significance:
    """Add the intervals over resampled test samples to the comparisons with the baseline.

    Args:
        table: the table.
        significance: of that table.
        cells: the cells of the suite.
        records: finished runs by key.
        predictions: where stored predictions come from.
    """
    differences: dict[Place, list[NDArray[np.float64]]] = {}
    baseline = next((row for row in table.rows if row.method == table.baseline), None)
    for column in table.columns:
        if baseline is None:
            break
        compared = [row for row, own in significance.to_baseline if own == column]
        for group in _repetitions(table, [baseline, *compared], column, cells):
            for row, found in _resampled(group, baseline, records, predictions).items():
                differences.setdefault((row, column), []).append(found)
    return replace(
        significance,
        to_baseline={
            place: replace(contrast, resampled=percentile_interval(differences.get(place, [])))
            for place, contrast in significance.to_baseline.items()
        },
    )


def _contrasts(table: Table, others: Mapping[Column, Row | None]) -> dict[Place, Contrast]:
    found: dict[Place, tuple[Row, PairedComparison]] = {}
    for column, other in others.items():
        for row in table.rows:
            if other is None or row == other or row.method == TEACHER:
                continue
            own, reference = table.entries[row, column], table.entries[other, column]
            comparison = paired_comparison(own.values, reference.values)
            if comparison is not None:
                found[row, column] = other, comparison
    corrected = holm({place: paired.t_p_value for place, (_, paired) in found.items()})
    return {
        place: Contrast(other, paired, corrected[place]) for place, (other, paired) in found.items()
    }


def _best(table: Table, column: Column) -> Row | None:
    return next((row for row in table.rows if table.entries[row, column].best), None)


def _repetitions(
    table: Table, rows: Sequence[Row], column: Column, cells: Sequence[Cell]
) -> Iterator[dict[Row, Cell]]:
    """Per repetition, the cells of some rows in a column."""
    found: dict[int, dict[Row, Cell]] = {}
    for row in rows:
        for cell in cells_of(cells, table.scenario, row, column):
            found.setdefault(cell.repetition, {})[row] = cell
    yield from found.values()


def _resampled(
    group: Mapping[Row, Cell],
    baseline: Row,
    records: Mapping[str, Record],
    predictions: Predictions,
) -> dict[Row, NDArray[np.float64]]:
    """Differences in resamples of one repetition's test set; empty without the baseline's."""
    predicted: dict[Row, NDArray[np.int64]] = {}
    targets = indices = None
    record: Record | None = None
    for row, cell in group.items():
        stored = predictions(cell.run) if cell.run in records else None
        name = predictions_name(cell.evaluated_modality, cell.evaluate)
        if stored is None or name not in stored:
            continue
        predicted[row] = stored[name]
        targets, indices, record = stored["targets"], stored["indices"], records[cell.run]
    if baseline not in predicted or targets is None or indices is None or record is None:
        return {}
    facts = record.data
    population = facts.train_samples + facts.validation_samples + facts.test_samples
    return bootstrap_differences(
        targets,
        predicted,
        baseline,
        len(facts.class_names),
        # One seed for all repetitions: they share the resamples of the whole data set.
        seed=0,
        samples=(indices, population),
    )
