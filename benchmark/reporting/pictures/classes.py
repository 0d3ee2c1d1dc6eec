"""Where gains come from, class by class: the baseline's scores, and what methods add to them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from benchmark.planning.plan import Cell
from benchmark.reporting.pictures.rows import class_rows
from benchmark.reporting.pictures.style import (
    LINE,
    SMALL,
    Width,
    canvas,
    label_lines,
)
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.tables import AVERAGE, Table, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_NUMBER = 0.22  # inches of a number in a cell
_FULL = 20.0  # points of a full colour
# Orange is worse and blue better, which the colour-blind tell apart.
SHADES = LinearSegmentedColormap.from_list("worse_better", ["#D55E00", "#FFFFFF", "#0072B2"])


def draw_classes(
    table: Table,
    cells: Sequence[Cell],
    records: StoredRecords,
    width: Width,
) -> Figure:
    """Methods in lines, the classes of the first column of the table across.

    The first line is the baseline's score of each class in percent, the others what a method adds
    in points; means over repetitions.

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
    baseline = found.pop(table.baseline_row, None) if table.baseline_row else None
    where = column_heading(column, table.scenario)
    if table.baseline_row is None or baseline is None or not found:
        raise UserError(
            f"no method on {where} can be compared class by class with a baseline; train the suite "
            "first, or choose another data set with --datasets"
        )
    names = baseline.names
    scores, *others = (
        np.array(classes.means, dtype=np.float64) for classes in (baseline, *found.values())
    )
    added = np.stack(others) - scores
    lines = 1 + len(added)
    figure = canvas(width, LINE * lines + 1.35)
    panel = figure.subplots()
    shades = np.vstack([np.zeros_like(added[:1]), added])
    panel.imshow(shades, cmap=SHADES, vmin=-_FULL, vmax=_FULL, aspect="auto")
    if len(names) * _NUMBER < width.inches - 1.0:
        for (line, place), value in np.ndenumerate(np.vstack([scores, added])):
            if not np.isfinite(value):
                continue
            points = round(float(value))
            text = f"{points:+d}" if line and points else f"{points}"
            ink = "white" if line and abs(value) > 0.7 * _FULL else "black"
            panel.text(place, line, text, ha="center", va="center", fontsize=SMALL, color=ink)
    panel.axhline(0.5, color="black", linewidth=0.8)
    label_lines(panel, [f"{row_label(table.baseline_row)}, %", *map(row_label, found)])
    panel.set_ylim(lines - 0.5, -0.5)
    panel.set_xticks(range(len(names)), names, rotation=90, parse_math=False)
    panel.tick_params(axis="x", length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)
    figure.supxlabel(
        f"{baseline.score_name} of each class, and points more or less\n({where})",
        fontsize=SMALL + 1,
        parse_math=False,
    )
    return figure
