"""Scores against seconds of training, and what no other method beats: the Pareto front."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.pictures.style import (
    COLOURS,
    FAINT,
    MARKERS,
    SMALL,
    Width,
    canvas,
    title_of,
)
from benchmark.reporting.tables import Row, Table, row_label
from benchmark.reporting.trade_offs import TradeOff, front_of, trade_offs
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_PANEL, _HEIGHT, _LEGEND_LINE, _ENTRY = 2.6, 1.9, 0.15, 1.05  # inches


def draw_costs(
    tables: Sequence[Table],
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    width: Width,
) -> Figure:
    """A panel for each column; seconds are those of a row's own training, without its teacher's.

    Args:
        tables: those of selected checkpoints.
        cells: of their suite.
        results: of finished runs by key.
        width: of the figure.

    Raises:
        UserError: nothing is finished, or the figure is taller than a page.
    """
    panels = [
        (column_heading(column, table.scenario), points)
        for table in tables
        for found in [trade_offs(table, cells, results)]
        for column in table.columns
        if (points := [one for one in found if one.column == column])
    ]
    if not panels:
        raise UserError("no run of the suite is finished; train it first")
    across = width.side_by_side(len(panels), _PANEL)
    down = math.ceil(len(panels) / across)
    shared = any(point.shared for _, points in panels for point in points)
    remark = "\n(of some too long, on shared devices)" if shared else ""
    rows = list(dict.fromkeys(point.row for _, points in panels for point in points))
    beside = max(int(width.inches / _ENTRY), 1)
    legend = math.ceil(len(rows) / beside) * _LEGEND_LINE + 0.1
    figure = canvas(width, down * _HEIGHT + legend + 0.45)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    looks = dict(zip(rows, _looks(), strict=False))
    for panel, (heading, points) in zip(grid, panels, strict=False):
        _draw(panel, points, looks)
        title_of(panel, heading, round(16 * width.inches / across))
    for panel in grid[len(panels) :]:
        panel.set_axis_off()
    metric = tables[0].metric
    figure.supylabel(f"{metric} on the test set, %", fontsize=SMALL + 1, parse_math=False)
    for panel in grid[max(len(panels) - across, 0) : len(panels)]:
        # One of the figure would lie in the legend.
        panel.set_xlabel(f"seconds of training{remark}")
    handles = {
        label: handle
        for panel in grid
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    placed = figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=beside, frameon=False,
        handlelength=1.2, handletextpad=0.4, columnspacing=0.8, borderaxespad=0, labelspacing=0.25,
    )  # fmt: skip
    for text in placed.get_texts():
        text.set_parse_math(False)
    return figure


def _looks() -> list[tuple[str, str, str]]:
    """Colour, marker and filling of each row, all different for 98 rows."""
    pairs = [(COLOURS[(n + turn) % 7], MARKERS[n]) for turn in range(7) for n in range(7)]
    return [(*pair, fill) for fill in ("full", "none") for pair in pairs]


def _draw(
    panel: Axes, points: Sequence[TradeOff], looks: Mapping[Row, tuple[str, str, str]]
) -> None:
    front = front_of(points, lambda point: point.seconds)
    panel.step(
        [point.seconds for point in front],
        [100 * point.score for point in front],
        where="post",
        color=FAINT,
        linewidth=2.5,
        zorder=0,
        label="front",
    )
    for point in points:
        colour, marker, fill = looks[point.row]
        panel.plot(
            point.seconds,
            100 * point.score,
            linestyle="none",
            marker=marker,
            color=colour,
            markerfacecolor=colour if fill == "full" else "white",
            markersize=4.5,
            mew=0.9,
            label=row_label(point.row),
        )
    panel.margins(0.08)
