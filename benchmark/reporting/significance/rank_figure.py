"""The critical-difference diagram: average ranks on a line, a bar over rows that may be equal."""

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmark.reporting.figures import (
    INK,
    LABEL,
    MARGIN,
    SMALL,
    TITLE,
    figure_style,
    render_figure,
)
from benchmark.reporting.wording import not_ranked
from benchmark.statistics.ranks import RankAnalysis, RankTest
from core.lazy import lazy

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = lazy("pandas")

# seaborn and statsmodels come with it: two seconds that only a figure is worth.
posthocs = lazy("scikit_posthocs")

Row = TypeVar("Row", bound=Hashable)
# All lengths in inches.
LINE = 0.22
ABOVE_TICKS, ABOVE_BAR = 0.32, 0.52
_TIED = "\u00a0=\u00a0"  # a sign and its value stay in one line


@dataclass(frozen=True)
class RankLayout:
    """How large a diagram is; labels stand left and right of its axis.

    Attributes:
        width: inches of the figure.
        axis: inches of the axis.
        letters: letters of small type in a line of the figure.
        title, label, small: type sizes in points.
    """

    width: float
    axis: float
    letters: int
    title: int
    label: int
    small: int


REPORT = RankLayout(7.0, 4.0, 95, TITLE, LABEL, SMALL)


def draw_rank_figure(
    analysis: RankAnalysis[Row],
    labels: Mapping[Row, str],
    title: str,
    layout: RankLayout = REPORT,
) -> Figure:
    """Draw average ranks, the critical difference, and what both rest on.

    As in Demšar 2006, Journal of Machine Learning Research 7:1-30, figure 1: the best rank stands
    left, and a bar joins rows that may be equal: those that do not differ from the baseline, or
    without one, those whose ranks lie within the critical difference.

    Args:
        analysis: ranks with a test.
        labels: row -> what it is called, all different.
        title: first line, such as the scenario; "" for none.
        layout: its sizes.

    Raises:
        ValueError: the analysis has no test, or two rows have one label.
    """
    test = analysis.test
    if test is None:
        raise ValueError(f"there is nothing to draw: {analysis.reason}")
    names = {row: labels[row] for row in analysis.average_ranks}
    if len(set(names.values())) < len(names):
        raise ValueError("two rows have the same label")

    ranks = pd.Series({names[row]: rank for row, rank in analysis.average_ranks.items()})
    p_values = pd.DataFrame(
        [[_p_value(test, one, other) for other in names] for one in names],
        index=ranks.index,
        columns=ranks.index,
    )

    figure = Figure(facecolor="white")
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    drawn = posthocs.critical_difference_diagram(
        ranks,
        p_values,
        alpha=test.alpha,
        ax=axes,
        label_fmt_left="{label} ({rank:.2f})",
        label_fmt_right="({rank:.2f}) {label}",
        elbow_props={"color": INK, "linewidth": 0.8},
        marker_props={"s": 14, "clip_on": False},
        label_props={"fontsize": layout.label, "parse_math": False},
        text_h_margin=0.02 * len(ranks),
    )
    for (bar,) in drawn["crossbars"]:  # its points come from a set, whose order varies
        bar.set_data((min(bar.get_xdata()), max(bar.get_xdata())), bar.get_ydata()[:2])
    lines = 0.5 - min(label.get_position()[1] for label in drawn["labels"])
    axes.set(xlim=(1, len(ranks)), ylim=(-lines, 0))
    axes.set_xticks(range(1, len(ranks) + 1, 1 + len(ranks) // 20))  # many would run together
    axes.tick_params(labelsize=layout.small)
    axes.spines["top"].set_visible(True)
    # The library would draw the critical difference across the numbers of the axis.
    _draw_critical_difference(axes, test.critical_difference, layout.small)
    above = _write_header(axes, title, _facts(analysis, test, labels), layout)
    height = lines * LINE + above
    figure.set_size_inches(layout.width, height)
    left, across = (layout.width - layout.axis) / 2 / layout.width, layout.axis / layout.width
    axes.set_position((left, 0, across, lines * LINE / height))
    return figure


def _p_value(test: RankTest[Row], one: Row, other: Row) -> float:
    """Of two rows; with a baseline, the lower of the two against it."""
    if test.baseline is None:
        return test.p_values.get((one, other), 1.0)
    return min(test.p_values.get((row, test.baseline), 1.0) for row in (one, other))


def render_rank_figure(
    analysis: RankAnalysis[Row], labels: Mapping[Row, str], title: str
) -> dict[str, bytes]:
    """The diagram as files by suffix, "png" and "pdf"; equal ranks give equal bytes.

    Raises:
        ValueError: as `draw_rank_figure`.
    """
    with figure_style():
        return render_figure(draw_rank_figure(analysis, labels, title))


def _draw_critical_difference(axes: Axes, size: float, letters: int) -> None:
    """Draw a bar of that many ranks above the axis; it may be longer than the axis."""
    height = ABOVE_TICKS / LINE
    axes.plot(
        [1, 1 + size],
        [height, height],
        color=INK,
        linewidth=1.2,
        marker="|",
        markersize=7,
        clip_on=False,
    )
    axes.text(
        1 + size / 2, height + 0.25, f"CD = {size:.2f}", ha="center", va="bottom", fontsize=letters
    )


def _facts(
    analysis: RankAnalysis[Row], test: RankTest[Row], labels: Mapping[Row, str]
) -> list[str]:
    facts = [
        f"N = {analysis.columns} columns of {analysis.independent_columns} data sets; average "
        f"rank, 1 is best; p = {test.p_value:.3g} (Iman and Davenport)",
    ]
    if test.baseline is None:
        facts.append(f"CD: critical difference of two average ranks (Nemenyi, α = {test.alpha:g})")
    else:
        facts.append(
            f"The bar joins rows that do not differ from {labels[test.baseline]} (Holm); CD: "
            f"critical difference to its rank (Bonferroni and Dunn, α = {test.alpha:g})"
        )
    if analysis.left_out:
        facts.append(not_ranked(labels[row] for row in analysis.left_out))
    return facts


def _write_header(axes: Axes, title: str, facts: Sequence[str], layout: RankLayout) -> float:
    """Write title and facts above everything, wrapped to the width; returns the inches above 0."""
    height = ABOVE_BAR
    for paragraphs, size in ((facts, layout.small), ([title] if title else [], layout.title)):
        wrapped = [
            line
            for paragraph in paragraphs
            for line in textwrap.wrap(
                paragraph.replace(" = ", _TIED), layout.letters * layout.small // size
            )
        ]
        axes.text(
            sum(axes.get_xlim()) / 2,
            height / LINE,
            "\n".join(wrapped).replace(_TIED, " = "),
            ha="center",
            va="bottom",
            fontsize=size,
            parse_math=False,
        )
        height += len(wrapped) * size * 1.3 / 72 + MARGIN
    return height
