"""Confusion matrices of the baseline and of methods, and their difference."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.planning.plan import Cell
from benchmark.reporting.pictures.classes import SHADES
from benchmark.reporting.pictures.rows import class_rows
from benchmark.reporting.pictures.style import METHOD, SMALL, Width, canvas, title_of
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.tables import AVERAGE, Table, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_NUMBER = 0.2  # inches of a number in a cell
_LETTER = 0.065  # inches of a letter of a class's name
_BAR, _TITLE = 1.1, 0.25  # inches
_FULL = 20.0  # points of a full colour
_FILLED = LinearSegmentedColormap.from_list("filled", ["#FFFFFF", METHOD])
_LONGEST_NAME = 14  # letters


def draw_confusion(
    table: Table,
    cells: Sequence[Cell],
    records: StoredRecords,
    width: Width,
) -> Figure:
    """Baseline, method and their difference beside each other, a line for each method.

    Rows are true classes, in percent of each, all repetitions together; the numbers stand in the
    cells where they have room. Of the first column of the table.

    Args:
        table: of selected checkpoints.
        cells: of its suite.
        records: where the confusion matrices are.
        width: of the figure.

    Raises:
        UserError: no baseline or no method is finished, or the figure is taller than a page.
    """
    column = next(column for column in table.columns if column.dataset != AVERAGE)
    found = class_rows(table, column, cells, records)
    baseline = table.baseline_row
    where = column_heading(column, table.scenario)
    if baseline is None or baseline not in found or len(found) < 2:
        raise UserError(
            f"no method on {where} can be compared with a baseline; train the suite first, or "
            "choose another data set with --datasets"
        )
    names = found[baseline].names
    shares = {row: classes.shares for row, classes in found.items()}
    before = shares.pop(baseline)
    labels = [f"{name[:_LONGEST_NAME]}…" if len(name) > _LONGEST_NAME else name for name in names]
    margin = _LETTER * max(map(len, labels)) + 0.15
    side = (width.inches - margin) / 3 - 0.1
    figure = canvas(width, len(shares) * (side + _TITLE) + margin + _BAR)
    grid = figure.subplots(len(shares), 3, squeeze=False)
    numbers = side / len(names) >= _NUMBER
    for line, (row, own) in zip(grid, shares.items(), strict=True):
        panels = (
            (row_label(baseline), before, _FILLED),
            (row_label(row), own, _FILLED),
            ("difference", own - before, SHADES),
        )
        for axes, (heading, values, shades) in zip(line, panels, strict=True):
            _draw(axes, values, shades, numbers)
            title_of(axes, heading, round(14 * side))
        line[0].set_yticks(range(len(labels)), labels, parse_math=False)
    for axes in grid[-1]:
        axes.set_xticks(range(len(labels)), labels, rotation=90, parse_math=False)
    grid[len(grid) // 2, 0].set_ylabel("true class")
    _bar(figure, grid[:, :2], _FILLED, Normalize(0, 100), "% of the true class")
    _bar(figure, grid[:, 2:], SHADES, Normalize(-_FULL, _FULL), "points")
    grid[-1, 1].set_xlabel("predicted class")
    figure.supxlabel(where, fontsize=SMALL + 1, parse_math=False)
    figure.draw_without_rendering()
    # Squares are as large as the width allows: what the height has more than they need is blank.
    figure.set_figheight(min(figure.get_tightbbox().height + 0.08, figure.get_figheight()))
    return figure


def _draw(axes: Axes, values: NDArray[np.float64], shades: Colormap, numbers: bool) -> None:
    full = 100.0 if shades is _FILLED else _FULL
    low = 0.0 if shades is _FILLED else -_FULL
    axes.imshow(values, cmap=shades, vmin=low, vmax=full)
    if numbers:
        for (line, place), value in np.ndenumerate(values):
            rounded = round(float(value))
            if not rounded:
                continue
            text = f"{rounded:d}" if shades is _FILLED else f"{rounded:+d}"
            ink = "white" if abs(value) > 0.6 * full else "black"
            axes.text(place, line, text, ha="center", va="center", fontsize=SMALL, color=ink)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _bar(
    figure: Figure, panels: NDArray[np.object_], shades: Colormap, scale: Normalize, label: str
) -> None:
    """What the shades of some panels mean, below them."""
    bar = figure.colorbar(
        ScalarMappable(scale, shades),
        ax=panels.ravel().tolist(),
        location="bottom",
        aspect=12 if panels.shape[1] == 1 else 24,
        fraction=0.05,
    )
    bar.set_label(label)
    bar.outline.set_visible(False)
