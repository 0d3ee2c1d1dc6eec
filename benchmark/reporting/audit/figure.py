"""An audit as a figure: what each switch adds to the gain over a baseline."""

import io
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.reporting.audit.sheet import AuditSheet, Effect, EffectKey
from benchmark.reporting.audit.text import sheet_heading
from benchmark.reporting.tables import Row, row_label

_FORMATS: Mapping[str, dict[str, None]] = {
    # Without dates in them, equal figures are equal files.
    "png": {"Software": None},
    "pdf": {"CreationDate": None},
}


def draw_effects(
    sheets: Sequence[AuditSheet], effects: Mapping[EffectKey, Effect], baseline: str
) -> dict[str, bytes]:
    """Draw one row of panels per sheet, one panel per variant; dots with 95 % intervals.

    Args:
        sheets: the students of the audit.
        effects: on the gain over `baseline`, by (place, row, variant).
        baseline: a method in CSV columns.

    Returns:
        File suffix ("png", "pdf") -> content.
    """
    variants = sheets[0].variants[1:]
    drawn = {sheet.place: _rows(sheet, effects) for sheet in sheets}
    heights = [0.28 * max(len(rows), 2) for rows in drawn.values()]
    figure = Figure(figsize=(2.2 + 1.35 * len(variants), 1.2 + sum(h + 0.5 for h in heights)))
    axes = figure.subplots(
        len(sheets), len(variants), sharex="row", squeeze=False, height_ratios=heights
    )
    for sheet, line in zip(sheets, axes, strict=True):
        rows = drawn[sheet.place]
        for variant, panel in zip(variants, line, strict=True):
            found = [effects.get((sheet.place, row, variant)) for row in rows]
            _panel(panel, found, [row_label(row) for row in rows] if panel is line[0] else [])
            panel.set_title(variant.replace("_", "\n", 1), fontsize=8)
        line[0].set_ylabel(sheet_heading(sheet), fontsize=8)
    reference = sheets[0].row(baseline)
    label = reference.label if reference else baseline
    figure.supxlabel(
        f"effect on the gain over {label}, in points of weighted F1 (mean and 95 % interval over "
        f"{sheets[0].expected} repetitions)",
        fontsize=9,
    )
    figure.tight_layout()
    return {suffix: _save(figure, suffix) for suffix in _FORMATS}


def _rows(sheet: AuditSheet, effects: Mapping[EffectKey, Effect]) -> list[Row]:
    """The rows that any variant moves, top to bottom."""
    moved = {row for place, row, _ in effects if place == sheet.place}
    return [row for row in sheet.rows if row in moved]


def _panel(panel: Axes, effects: Sequence[Effect | None], labels: Sequence[str]) -> None:
    panel.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    for height, effect in enumerate(effects):
        comparison = effect.comparison if effect else None
        if comparison is None:
            continue
        panel.plot(100 * comparison.difference, height, "o", color="C0", markersize=4)
        if comparison.interval is not None:
            low, high = comparison.interval
            panel.plot([100 * low, 100 * high], [height, height], color="C0", linewidth=1.2)
    panel.set_ylim(len(effects) - 0.5, -0.5)  # the first row on top
    panel.set_yticks(range(len(labels)), labels, fontsize=8)
    panel.tick_params(axis="x", labelsize=7)


def _save(figure: Figure, suffix: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format=suffix, dpi=150, bbox_inches="tight", metadata=dict(_FORMATS[suffix])
    )
    return buffer.getvalue()
