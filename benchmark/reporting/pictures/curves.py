"""How methods trained: validation scores over epochs, each method beside the baseline."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.planning.plan import Cell
from benchmark.reporting.pictures.rows import trained_rows
from benchmark.reporting.pictures.style import (
    BASELINE,
    METHOD,
    SMALL,
    Width,
    canvas,
    title_of,
)
from benchmark.reporting.stored import Repetition, StoredRecords
from benchmark.reporting.tables import AVERAGE, Table, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_PANEL, _HEIGHT = 1.05, 0.95  # inches


def draw_curves(
    table: Table,
    cells: Sequence[Cell],
    records: StoredRecords,
    width: Width,
) -> Figure:
    """A panel for each method of the first column: a line a repetition, a dot where it was chosen.

    Args:
        table: of selected checkpoints.
        cells: of its suite.
        records: where the curves are.
        width: of the figure.

    Raises:
        UserError: nothing is finished, or the figure is taller than a page.
    """
    column = next(column for column in table.columns if column.dataset != AVERAGE)
    found = trained_rows(table, column, cells, records)
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
    for panel, (row, repetitions) in zip(grid.ravel(), found.items(), strict=False):
        _draw(panel, beside, BASELINE)
        _draw(panel, repetitions, METHOD)
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


def _draw(panel: Axes, repetitions: Sequence[Repetition], colour: str) -> None:
    for network in (one.network for one in repetitions):
        scores = [100 * value for value in network.validation_curve]
        epochs = range(1, len(scores) + 1)
        panel.plot(epochs, scores, color=colour, linewidth=0.7, alpha=0.8)
        chosen = network.selected.epoch
        if chosen < len(scores):
            panel.plot(chosen + 1, scores[chosen], "o", color=colour, markersize=2.6)
