"""An audit as a figure: what each switch adds to the gain over a baseline."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.reporting.audit.findings import Findings
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.figures import LABEL, SMALL, figure_style, render_figure
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import Row, row_label
from benchmark.reporting.wording import column_heading


def draw_effects(
    sheets: Sequence[AuditSheet], effects: Findings, baseline: str
) -> dict[str, bytes]:
    """Draw one row of panels per sheet, one panel per variant; dots with 95 % intervals.

    Args:
        sheets: the students of the audit.
        effects: on the gain over `baseline`.
        baseline: a method in CSV columns.

    Returns:
        File suffix ("png", "pdf") -> content.
    """
    with figure_style():
        return render_figure(_figure(sheets, effects, baseline))


def _figure(sheets: Sequence[AuditSheet], effects: Findings, baseline: str) -> Figure:
    variants = sheets[0].variants[1:]
    drawn = {sheet.student: _rows(sheet, effects) for sheet in sheets}
    heights = [0.28 * max(len(rows), 2) for rows in drawn.values()]
    figure = Figure(figsize=(2.2 + 1.35 * len(variants), 1.2 + sum(h + 0.5 for h in heights)))
    axes = figure.subplots(
        len(sheets), len(variants), sharex="row", squeeze=False, height_ratios=heights
    )
    for sheet, line in zip(sheets, axes, strict=True):
        rows = drawn[sheet.student]
        for variant, panel in zip(variants, line, strict=True):
            found = [effects.get((sheet.student, row, variant)) for row in rows]
            _panel(panel, found, [row_label(row) for row in rows] if panel is line[0] else [])
            panel.set_title(variant.replace("_", "\n", 1), fontsize=SMALL)
        heading = column_heading(sheet.column, sheet.scenario)
        line[0].set_ylabel(heading, fontsize=SMALL, parse_math=False)
    reference = sheets[0].row(baseline)
    label = reference.label if reference else baseline
    counts = {effect.comparison.n for effect in effects.values() if effect.comparison}
    some = "" if counts == {sheets[0].expected} else "up to "
    figure.supxlabel(
        f"effect on the gain over {label}, in points of {sheets[0].metric} (mean and 95 % "
        f"interval over {some}{sheets[0].expected} repetitions)",
        fontsize=LABEL,
        parse_math=False,
    )
    figure.tight_layout()
    return figure


def _rows(sheet: AuditSheet, effects: Findings) -> list[Row]:
    """The rows that any variant moves, top to bottom."""
    moved = {row for student, row, _ in effects if student == sheet.student}
    return [row for row in sheet.rows if row in moved]


def _panel(panel: Axes, effects: Sequence[Tested | None], labels: Sequence[str]) -> None:
    panel.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    for height, effect in enumerate(effects):
        comparison = effect.comparison if effect else None
        if comparison is None:
            continue
        panel.plot(100 * comparison.difference, height, "o", color="C0", markersize=4)
        if comparison.interval_in_points is not None:
            panel.plot(comparison.interval_in_points, [height, height], color="C0", linewidth=1.2)
    panel.set_ylim(len(effects) - 0.5, -0.5)  # the first row on top
    panel.set_yticks(range(len(labels)), labels, fontsize=SMALL, parse_math=False)
    panel.tick_params(axis="x", labelsize=7)
