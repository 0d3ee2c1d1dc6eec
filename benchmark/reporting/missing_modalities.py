"""What one network of several modalities scores where some of them are missing."""

from collections.abc import Mapping, Sequence

from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.wording import coverage
from benchmark.statistics import mean, standard_deviation
from benchmark.statistics.percent import percent
from methods.contract import ALL_MODALITIES

MISSING_NOTE = (
    "Missing modalities: one network per repetition, evaluated on each subset of the modalities "
    "that it was trained on, each with its own best checkpoint on validation. The embeddings of "
    "the missing ones are left out of the sum that its head reads."
)

# Label of the data set, modalities that were trained on, deployment -> label of the row ->
# repetition -> score in [0, 1].
_Found = dict[tuple[str, tuple[str, ...], str], dict[str, dict[int, float]]]


def missing_grid(
    table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> Grid | None:
    """Subsets of modalities in rows, methods in columns; None where no method has such networks.

    Args:
        table: whose selected checkpoints are shown.
        cells: of its suite.
        results: of finished runs by key.
    """
    rows = {(row.method, row.plugin): row_label(row) for row in table.rows}
    labels = {column.dataset: column.label for column in table.columns}
    found: _Found = {}
    for cell in cells:
        result = results.get(cell.run)
        # Such a network is evaluated on each of its modalities alone too, which is a cell.
        if result is None or cell.scenario is not table.scenario:
            continue
        (trained_on, *_) = result.reads
        if ALL_MODALITIES not in result.networks or cell.deployment not in trained_on:
            continue
        label = rows[cell.method, cell.plugin]
        for name, network in result.networks.items():
            of_subset = found.setdefault((labels[cell.dataset], trained_on, name), {})
            score = network.selected.test.headline
            of_subset.setdefault(label, {})[cell.repetition] = score
    if not found:
        return None
    methods = list(dict.fromkeys(label for own in found.values() for label in own))
    expected = max(entry.expected for entry in table.entries.values())
    grid_rows = [
        GridRow(
            [
                GridCell(f"{label} {'+'.join(trained_on)}"),
                GridCell("+".join(trained_on) if name == ALL_MODALITIES else name),
                *(_score(own.get(method, {}), expected) for method in methods),
            ]
        )
        for (label, trained_on, name), own in found.items()
    ]
    headings = [Heading(text) for text in ("trained on", "evaluated on", *methods)]
    return Grid([headings], [Align.LEFT] * 2 + [Align.RIGHT] * len(methods), grid_rows)


def _score(values: Mapping[int, float], expected: int) -> GridCell:
    centre, spread = mean(values), standard_deviation(values)
    if centre is None:
        return GridCell(None)
    return GridCell(
        percent(centre),
        deviation="" if spread is None else percent(spread),
        remark=coverage(len(values), expected),
    )
