"""The forest plot of an audit: what each switch adds to the gain over the baseline."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.planning.plan import STUDENT
from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.pictures.style import (
    LINE,
    METHOD,
    SMALL,
    Width,
    canvas,
    label_lines,
    title_of,
)
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import Row, row_label
from benchmark.reporting.wording import column_heading
from core.errors import UserError

_PANEL = 1.05  # inches


def draw_effects(sheet: AuditSheet, found: OverBaseline, width: Width) -> Figure:
    """A panel for each switch of one student, with the methods that it moves.

    Args:
        sheet: the student.
        found: on the gains over STUDENT.
        width: of the figure.

    Raises:
        UserError: no effect is known yet, or the figure is taller than a page.
    """
    effects = {
        (row, variant): tested
        for (student, row, variant), tested in found.effects.items()
        if student == sheet.student and tested.comparison is not None
    }
    if not effects:
        raise UserError("no effect of this audit is known yet; train it first")
    rows = [row for row in sheet.rows if any(row == own for own, _ in effects)]
    variants = [name for name in sheet.variants if any(name == own for _, own in effects)]
    across = width.side_by_side(len(variants), _PANEL)
    down = math.ceil(len(variants) / across)
    figure = canvas(width, down * (LINE * len(rows) + 0.55) + 0.35)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for number, (panel, variant) in enumerate(zip(grid.ravel(), variants, strict=False)):
        _draw(panel, [effects.get((row, variant)) for row in rows], rows)
        panel.tick_params(labelleft=number % across == 0, labelbottom=True)
        title_of(panel, variant.replace("_", " "), 14)
        panel.title.set_fontsize(SMALL)
    for panel in grid.ravel()[len(variants) :]:
        panel.set_axis_off()
    reference = sheet.row(STUDENT)
    name = reference.label if reference else STUDENT
    figure.supxlabel(
        f"effect on the gain over {name}, points of {sheet.metric}\n"
        f"({column_heading(sheet.column, sheet.scenario)})",
        fontsize=SMALL + 1,
        parse_math=False,
    )
    return figure


def _draw(panel: Axes, effects: Sequence[Tested | None], rows: Sequence[Row]) -> None:
    panel.axvline(0, color="0.6", linewidth=0.7, zorder=0)
    for line, tested in enumerate(effects):
        comparison = tested.comparison if tested else None
        if tested is None or comparison is None:
            continue
        if comparison.interval_in_points is not None:
            panel.plot(comparison.interval_in_points, [line, line], color=METHOD, linewidth=1.3)
        face = METHOD if tested.significant else "white"
        panel.plot(
            100 * comparison.difference,
            line,
            "o",
            color=METHOD,
            markerfacecolor=face,
            markersize=4.2,
            mew=1.0,
        )
    label_lines(panel, [row_label(row) for row in rows])
