"""How methods trained: validation scores over epochs, each method beside the baseline."""

import math
from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.record import DeploymentResult, Record
from benchmark.records.result import RunResult
from benchmark.reporting.pictures.style import (
    BASELINE,
    METHOD,
    SMALL,
    Width,
    canvas,
    title_of,
)
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_behind, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_PANEL, _HEIGHT = 1.05, 0.95  # inches

# From a run's key to its record; None where it cannot be read.
StoredRecords = Callable[[str], Record | None]


def draw_curves(
    table: Table,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    records: StoredRecords,
    width: Width,
) -> Figure:
    """A panel for each method of the first column: a line a repetition, a dot where it was chosen.

    Args:
        table: of selected checkpoints.
        cells: of its suite.
        results: of finished runs by key.
        records: where the curves are.
        width: of the figure.

    Raises:
        UserError: nothing is finished, or the figure is taller than a page.
    """
    column = next(column for column in table.columns if column.dataset != AVERAGE)
    found = _networks(table, column, cells, results, records)
    baseline = table.baseline_row
    beside = [] if baseline is None else found.pop(baseline, [])
    if not found:
        raise UserError(
            f"no method on {column_heading(column, table.scenario)} is finished; train the suite "
            "first, or choose another data set with --datasets"
        )
    across = width.side_by_side(len(found), _PANEL)
    down = math.ceil(len(found) / across)
    figure = canvas(width, down * _HEIGHT + 0.45)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for panel, (row, networks) in zip(grid.ravel(), found.items(), strict=False):
        _draw(panel, beside, BASELINE)
        _draw(panel, networks, METHOD)
        title_of(panel, row_label(row), 20)
        panel.title.set_fontsize(SMALL)
    for number in range(len(found), down * across):
        grid.ravel()[number].set_axis_off()
        grid.ravel()[number - across].tick_params(labelbottom=True)
    grey = f"; grey: {row_label(baseline)}" if baseline is not None and beside else ""
    figure.supylabel(f"validation {table.metric}, %", fontsize=SMALL + 1, parse_math=False)
    figure.supxlabel(
        f"epoch ({column_heading(column, table.scenario)}{grey})",
        fontsize=SMALL + 1,
        parse_math=False,
    )
    return figure


def _networks(
    table: Table,
    column: Column,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    records: StoredRecords,
) -> dict[Row, list[DeploymentResult]]:
    """The finished networks of each row but TEACHER, which is no network of that modality."""
    behind = cells_behind(table, cells)
    found: dict[Row, list[DeploymentResult]] = {}
    for row in table.rows:
        for cell in behind.get((row.method, row.plugin, column), ()):
            if row.method == TEACHER or cell.evaluate is not None or cell.run not in results:
                continue
            record = records(cell.run)
            if record is not None:
                found.setdefault(row, []).append(record.deployments[cell.deployment])
    return found


def _draw(panel: Axes, networks: Sequence[DeploymentResult], colour: str) -> None:
    for network in networks:
        scores = [100 * value for value in network.validation_curve]
        epochs = range(1, len(scores) + 1)
        panel.plot(epochs, scores, color=colour, linewidth=0.7, alpha=0.8)
        chosen = network.selected.epoch
        if chosen < len(scores):
            panel.plot(chosen + 1, scores[chosen], "o", color=colour, markersize=2.6)
