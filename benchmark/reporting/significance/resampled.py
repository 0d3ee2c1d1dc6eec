"""Intervals of differences over resampled test samples, from stored predictions."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.record import predictions_name
from benchmark.records.result import RunResult
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import Column, EntryKey, Row, Table, cells_behind
from benchmark.statistics import few_groups, percentile_interval
from benchmark.tasks import TASKS

# From a run's key and some names to its stored predictions, as far as it has them, by name; None
# where they are not there.
Predictions = Callable[[str, Collection[str]], Mapping[str, NDArray[np.int64]] | None]
# Data sets that are split by group -> the group of each sample, (N,); None where it is not known.
Groups = Mapping[str, NDArray[np.int64] | None]


@dataclass(frozen=True)
class _TestSet:
    """One repetition's test set, and the cells that were scored on it.

    Attributes:
        cells: by row.
        facts: a run's on this data.
        samples: what is stored of the test samples, by name.
        places: of the test samples in the data set, (S,).
    """

    cells: Mapping[Row, Cell]
    facts: RunResult
    samples: Mapping[str, NDArray[np.int64]]
    places: NDArray[np.int64]


def groups_of(suite: Suite, summaries: Sequence[DatasetSummary]) -> Groups:
    """What `resample_tests` must know of the groups of a suite's data sets."""
    return {
        summary.name: summary.groups
        for entry, summary in zip(suite.datasets, summaries, strict=True)
        if entry.split == "by_group"
    }


def resample_tests(
    table: Table,
    significance: Significance,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    predictions: Predictions,
    groups: Groups,
) -> Significance:
    """Add the intervals over resampled test samples to the comparisons with the baseline.

    Where a data set is split by group, whole groups are drawn. Where that cannot be done there is
    no interval, and a remark says why.

    Args:
        table: the table.
        significance: of that table.
        cells: the cells of the suite.
        results: of finished runs by key.
        predictions: where stored predictions come from; `targets` and `indices` are asked of the
            baseline alone.
        groups: of the data sets that are split by group.
    """
    baseline = table.baseline_row
    if baseline is None:
        return significance
    compared: dict[Column, list[Row]] = {}
    for row, column in significance.to_baseline:
        compared.setdefault(column, []).append(row)
    behind = cells_behind(table, cells)
    differences: dict[EntryKey, list[NDArray[np.float64]]] = {}
    remarks: dict[str, None] = {}
    for column, rows in compared.items():
        shown = _repetitions([baseline, *rows], column, behind)
        test_sets = list(_test_sets(shown, baseline, results, predictions))
        reason = _obstacle(column, test_sets, groups)
        if reason is not None:
            remarks[f"{column.label}: no interval over test samples, as {reason}."] = None
            continue
        for test_set in test_sets:
            found = _resampled(test_set, baseline, results, predictions, groups.get(column.dataset))
            for row, difference in found.items():
                differences.setdefault((row, column), []).append(difference)
    return replace(
        significance,
        to_baseline={
            key: replace(contrast, resampled=percentile_interval(differences.get(key, [])))
            for key, contrast in significance.to_baseline.items()
        },
        remarks=tuple(remarks),
    )


def _repetitions(
    rows: Sequence[Row], column: Column, cells: Mapping[tuple[str, str, Column], Sequence[Cell]]
) -> Iterator[dict[Row, Cell]]:
    """Per repetition, the cells of some rows in a column."""
    found: dict[int, dict[Row, Cell]] = {}
    for row in rows:
        for cell in cells.get((row.method, row.plugin, column), ()):
            found.setdefault(cell.repetition, {})[row] = cell
    yield from found.values()


def _test_sets(
    repetitions: Iterator[dict[Row, Cell]],
    baseline: Row,
    results: Mapping[str, RunResult],
    predictions: Predictions,
) -> Iterator[_TestSet]:
    """Of the repetitions for which the baseline has predictions.

    All runs of a repetition have the same test samples, so they are read once.
    """
    for cells in repetitions:
        first = cells.get(baseline)
        if first is None or first.run not in results:
            continue
        samples = predictions(first.run, ("targets", "indices"))
        if samples is not None:
            yield _TestSet(cells, results[first.run], samples, samples["indices"])


def _obstacle(column: Column, test_sets: Sequence[_TestSet], groups: Groups) -> str | None:
    """Why the test sets of a column cannot be resampled, as half a sentence."""
    if not test_sets or column.dataset not in groups:
        return None
    group_of = groups[column.dataset]
    if group_of is None:
        return "only the data itself says which samples belong together, and it is not here"
    return few_groups([group_of[test_set.places] for test_set in test_sets])


def _resampled(
    test_set: _TestSet,
    baseline: Row,
    results: Mapping[str, RunResult],
    predictions: Predictions,
    group_of: NDArray[np.int64] | None,
) -> dict[Row, NDArray[np.float64]]:
    """Differences in resamples of one repetition's test set; empty without the baseline's."""
    predicted: dict[Row, NDArray[np.int64]] = {}
    for row, cell in test_set.cells.items():
        name = predictions_name(cell.deployment, cell.evaluate)
        stored = predictions(cell.run, (name,)) if cell.run in results else None
        if stored is not None and name in stored:
            predicted[row] = stored[name]
    if baseline not in predicted:
        return {}
    places, groups = test_set.places, None
    if group_of is not None:
        groups = group_of[places], int(group_of.max()) + 1
    facts = test_set.facts
    return TASKS.get(facts.task).bootstrap(
        test_set.samples, predicted, baseline, facts.classes, (places, facts.samples), groups
    )
