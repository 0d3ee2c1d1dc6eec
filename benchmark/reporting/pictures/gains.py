"""The gain plot: what each method gains over the baseline, with every repetition."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.reporting.pictures.style import (
    INK,
    LINE,
    METHOD,
    SMALL,
    Width,
    canvas,
    label_lines,
    title_of,
)
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.significance.gains import Gain, gains_of
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_PANEL = 2.2  # inches
_NARROW = 1.0  # without labels


def draw_gains(analysed: Sequence[tuple[Table, Significance]], width: Width) -> Figure:
    """A panel for each column that has something to compare.

    A small dot is a repetition; the large one their mean, filled where it is more than chance; the
    line its 95 % interval.

    Args:
        analysed: tables of selected checkpoints with what their numbers support.
        width: of the figure.

    Raises:
        UserError: nothing can be compared, or the figure is taller than a page.
    """
    panels = [
        (column_heading(column, table.scenario), gains)
        for table, found in analysed
        for column in table.columns
        if (gains := gains_of(table, found, column))
    ]
    if not panels:
        raise UserError(
            "no finished run can be compared with a baseline; train the suite first, or choose one "
            "with STUDENT"
        )
    table = analysed[0][0]
    across = width.side_by_side(len(panels), _PANEL)
    down = math.ceil(len(panels) / across)
    lines = max(len(gains) for _, gains in panels)
    figure = canvas(width, down * (LINE * lines + 0.35) + 0.25)
    grid = figure.subplots(down, across, squeeze=False, sharex=False).ravel()
    for panel, (heading, gains) in zip(grid, panels, strict=False):
        _draw(panel, gains)
        title_of(panel, heading, round(16 * width.inches / across))
    for panel in grid[len(panels) :]:
        panel.set_axis_off()
    reference = table.baseline_row
    name = row_label(reference) if reference else ""
    figure.supxlabel(
        f"gain over {name}, points of {table.metric}", fontsize=SMALL + 1, parse_math=False
    )
    return figure


def _draw(panel: Axes, gains: Sequence[Gain]) -> None:
    panel.axvline(0, color="0.6", linewidth=0.7, zorder=0)
    for line, gain in enumerate(gains):
        dots = list(gain.repetitions.values())
        panel.plot(
            dots, [line + 0.22] * len(dots), "o", color=INK, alpha=0.45, markersize=2.2, mew=0
        )
        if gain.interval is not None:
            panel.plot(gain.interval, [line - 0.1] * 2, color=METHOD, linewidth=1.3)
        face = METHOD if gain.significant else "white"
        panel.plot(
            gain.mean, line - 0.1, "o", color=METHOD, markerfacecolor=face, markersize=4.2, mew=1.0
        )
    label_lines(panel, [row_label(gain.row) for gain in gains])
