"""How much tuning is worth: the expected best validation score against the number of trials."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmark.reporting.figures import LABEL, SMALL, figure_style, render_figure
from benchmark.reporting.tuning.findings import TunedCell
from benchmark.statistics import expected_best_curve

PANELS_A_LINE = 3


@dataclass(frozen=True)
class Curve:
    """The expected best validation score of a cell after 1, 2, ... trials, in [0, 1].

    It is as long as there are trials with a score; empty where the default has none, or where
    trials were pruned, as it takes the scores of all draws.
    """

    cell: TunedCell
    expected: Sequence[float]


def curve_of(cell: TunedCell) -> Curve:
    """By the formula of Dodge et al., the default being the first trial."""
    default, *others = cell.outcome.scores
    if default is None or cell.outcome.pruned:
        return Curve(cell, ())
    drawn = [score for score in others if score is not None]
    return Curve(cell, expected_best_curve(default, drawn))


def draw_curves(curves: Sequence[Curve], metric: str) -> dict[str, bytes]:
    """One panel per column, one line per row.

    Args:
        curves: at least one of them with a score.
        metric: what the scores are called.

    Returns:
        File suffix ("png", "pdf") -> content.
    """
    with figure_style():
        return render_figure(_figure(curves, metric))


def _figure(curves: Sequence[Curve], metric: str) -> Figure:
    panels: dict[str, list[Curve]] = {}
    for curve in curves:
        panels.setdefault(curve.cell.heading, []).append(curve)
    width = min(len(panels), PANELS_A_LINE)
    height = -(-len(panels) // width)
    figure = Figure(figsize=(1.2 + 4.0 * width, 0.6 + 2.8 * height))
    axes = figure.subplots(height, width, squeeze=False).ravel()
    for panel, (heading, own) in zip(axes, panels.items(), strict=False):
        for curve in own:
            counts = range(1, len(curve.expected) + 1)
            values = [100 * value for value in curve.expected]
            (line,) = panel.plot(counts, values, marker="o", markersize=3, linewidth=1.2)
            line.set_label(curve.cell.label)
        panel.set_title(heading, fontsize=LABEL, parse_math=False)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.tick_params(labelsize=SMALL)
        for text in panel.legend(fontsize=SMALL, frameon=False).get_texts():
            text.set_parse_math(False)
    for panel in axes[len(panels) :]:
        panel.set_axis_off()
    figure.supxlabel("trials, the default being the first", fontsize=LABEL)
    figure.supylabel(f"expected best validation {metric}", fontsize=LABEL, parse_math=False)
    figure.tight_layout()
    return figure
