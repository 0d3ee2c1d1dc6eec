"""Which differences of a table are more than chance: tests, intervals, ranks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.record import predictions_name
from benchmark.records.result import RunResult
from benchmark.reporting.tables import AVERAGE, Column, EntryKey, Row, Table, cells_by_entry
from benchmark.statistics import (
    ALPHA,
    PairedComparison,
    RankAnalysis,
    analyse_ranks,
    bootstrap_differences,
    holm,
    paired_comparison,
    percentile_interval,
    seed_warnings,
)

# From a run's key and some names to its stored predictions, as far as it has them, by name; None
# where they are not there.
Predictions = Callable[[str, Collection[str]], Mapping[str, NDArray[np.int64]] | None]


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
        """Whether the corrected test rejects that both are equal, at `ALPHA`."""
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

    to_baseline: Mapping[EntryKey, Contrast]
    to_best: Mapping[EntryKey, Contrast]
    warnings: Sequence[str]
    ranks: RankAnalysis[Row]


def analyse_table(table: Table) -> Significance:
    """Compare the rows of a table with its baseline and with the best of each column.

    The comparisons with the baseline are one family for Holm's correction, those with the best
    another.
    """
    to_baseline = _contrasts(table, dict.fromkeys(table.columns, table.baseline_row))
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


def resample_tests(
    table: Table,
    significance: Significance,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    predictions: Predictions,
) -> Significance:
    """Add the intervals over resampled test samples to the comparisons with the baseline.

    Args:
        table: the table.
        significance: of that table.
        cells: the cells of the suite.
        results: of finished runs by key.
        predictions: where stored predictions come from; `targets` and `indices` are asked of the
            baseline alone.
    """
    differences: dict[EntryKey, list[NDArray[np.float64]]] = {}
    baseline = table.baseline_row
    compared: dict[Column, list[Row]] = {}
    for row, column in significance.to_baseline:
        compared.setdefault(column, []).append(row)
    own = (cell for cell in cells if cell.scenario is table.scenario)
    behind = cells_by_entry(own, table.columns)
    for column in table.columns:
        if baseline is None:
            break
        for group in _repetitions([baseline, *compared.get(column, ())], column, behind):
            for row, found in _resampled(group, baseline, results, predictions).items():
                differences.setdefault((row, column), []).append(found)
    return replace(
        significance,
        to_baseline={
            key: replace(contrast, resampled=percentile_interval(differences.get(key, [])))
            for key, contrast in significance.to_baseline.items()
        },
    )


def _contrasts(table: Table, others: Mapping[Column, Row | None]) -> dict[EntryKey, Contrast]:
    found: dict[EntryKey, tuple[Row, PairedComparison]] = {}
    for column, other in others.items():
        for row in table.rows:
            if other is None or row == other or row.method == TEACHER:
                continue
            own, reference = table.entries[row, column], table.entries[other, column]
            comparison = paired_comparison(own.values, reference.values)
            if comparison is not None:
                found[row, column] = other, comparison
    corrected = holm({key: paired.t_p_value for key, (_, paired) in found.items()})
    return {key: Contrast(other, paired, corrected[key]) for key, (other, paired) in found.items()}


def _best(table: Table, column: Column) -> Row | None:
    return next((row for row in table.rows if table.entries[row, column].best), None)


def _repetitions(
    rows: Sequence[Row], column: Column, cells: Mapping[tuple[str, str, Column], Sequence[Cell]]
) -> Iterator[dict[Row, Cell]]:
    """Per repetition, the cells of some rows in a column."""
    found: dict[int, dict[Row, Cell]] = {}
    for row in rows:
        for cell in cells.get((row.method, row.plugin, column), ()):
            found.setdefault(cell.repetition, {})[row] = cell
    yield from found.values()


def _resampled(
    group: Mapping[Row, Cell],
    baseline: Row,
    results: Mapping[str, RunResult],
    predictions: Predictions,
) -> dict[Row, NDArray[np.float64]]:
    """Differences in resamples of one repetition's test set; empty without the baseline's."""
    first = group.get(baseline)
    if first is None or first.run not in results:
        return {}
    own_name = predictions_name(first.evaluated_modality, first.evaluate)
    # All runs of a repetition have the same test samples, so they are read once.
    samples = predictions(first.run, (own_name, "targets", "indices"))
    if samples is None or own_name not in samples:
        return {}
    predicted: dict[Row, NDArray[np.int64]] = {}
    for row, cell in group.items():
        name = predictions_name(cell.evaluated_modality, cell.evaluate)
        stored = predictions(cell.run, (name,)) if cell.run in results else None
        if stored is not None and name in stored:
            predicted[row] = stored[name]
    facts = results[first.run]
    return bootstrap_differences(
        samples["targets"],
        predicted,
        baseline,
        facts.classes,
        # One seed for all repetitions: they share the resamples of the whole data set.
        seed=0,
        samples=(samples["indices"], facts.samples),
    )
