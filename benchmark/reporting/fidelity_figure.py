"""Scores over agreement with the teacher: whether methods that follow it gain by that."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.planning.config import Scenario
from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.reporting.fidelity import AGREEMENT, Fidelity
from benchmark.reporting.figures import (
    INK,
    LABEL,
    SMALL,
    SUFFIXES,
    ReportFigure,
    figure_style,
    render_figure,
)
from benchmark.reporting.tables import Column, Row, Table, cells_behind, row_label
from benchmark.reporting.wording import column_heading, scenario_heading, sentence_start
from benchmark.statistics import paired_comparison

_WIDTH, _HEIGHT = 4.6, 4.2  # of a panel, in inches
_KEY_WIDTH = 2.4
_LINES = 22  # of the key, in one of its columns


@dataclass(frozen=True)
class _Point:
    """A row in a column, in percent: agreement across, score up, each with its interval if any."""

    number: int
    centre: tuple[float, float]
    intervals: tuple[tuple[float, float] | None, tuple[float, float] | None]
    reference: bool


def agreement_figures(
    suite: str,
    tables: Iterable[Table],
    cells: Sequence[Cell],
    fidelity: Fidelity,
    controls: Collection[str],
) -> list[ReportFigure]:
    """A figure per table: a panel per column, a numbered point per row but TEACHER.

    Bars are 95 % intervals of the mean over repetitions, from the variance that the test of the
    table takes. A table of which no row has any agreement has no figure.

    Args:
        suite: its name.
        tables: of selected checkpoints.
        cells: of the suite.
        fidelity: of those cells.
        controls: rows to set off, by their names as in CSV columns.
    """
    figures = []
    for table in tables:
        rows = [row for row in table.rows if row.method != TEACHER]
        panels = _panels(table, rows, cells, fidelity, {STUDENT, *controls})
        if not panels:
            continue
        with figure_style():
            drawn = render_figure(_figure(table, panels, rows))
        stem = _stem(suite, table.scenario)
        figures.append(
            ReportFigure(
                f"Scores and agreement: {scenario_heading(table.scenario, table.columns)}",
                {f"{stem}.{suffix}": content for suffix, content in drawn.items()},
                "Each number is a row of the table, STUDENT and controls in another colour. Bars "
                "are 95 % intervals over repetitions, of agreement and score each by itself.",
            )
        )
    return figures


def _panels(
    table: Table,
    rows: Sequence[Row],
    cells: Sequence[Cell],
    fidelity: Fidelity,
    apart: Collection[str],
) -> dict[Column, list[_Point]]:
    """The points of each column that has any."""
    behind = cells_behind(table, cells)
    panels: dict[Column, list[_Point]] = {}
    for column in table.columns:
        ratio = table.test_to_training[column]
        for number, row in enumerate(rows, 1):
            agreement = {
                cell.repetition: fidelity[cell][AGREEMENT]
                for cell in behind.get((row.method, row.plugin, column), ())
                if AGREEMENT in fidelity.get(cell, {})
            }
            across = _mean(agreement, ratio)
            up = _mean(table.entries[row, column].values, ratio)
            if across is None or up is None:
                continue
            point = _Point(number, (across[0], up[0]), (across[1], up[1]), row.method in apart)
            panels.setdefault(column, []).append(point)
    return panels


def agreement_figure_names(suite: str) -> list[str]:
    """Names of all files that the report of a suite of this name may have."""
    return [f"{_stem(suite, scenario)}.{suffix}" for scenario in Scenario for suffix in SUFFIXES]


def _stem(suite: str, scenario: Scenario) -> str:
    return f"{suite}_agreement_{scenario.value}"


def _mean(
    values: Mapping[int, float], ratio: float | None
) -> tuple[float, tuple[float, float] | None] | None:
    """Mean and interval in percent; None without values."""
    found = paired_comparison(values, dict.fromkeys(values, 0.0), test_to_training=ratio)
    if found is None:
        return None
    return 100 * found.difference, found.interval_in_points


def _figure(table: Table, panels: Mapping[Column, Sequence[_Point]], rows: Sequence[Row]) -> Figure:
    columns = math.ceil(len(rows) / _LINES)
    width = _WIDTH * len(panels) + _KEY_WIDTH * columns
    figure = Figure(figsize=(width, _HEIGHT), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for panel, (column, points) in zip(axes, panels.items(), strict=True):
        _panel(panel, points)
        panel.set_title(column_heading(column, table.scenario), fontsize=LABEL, parse_math=False)
        panel.set_xlabel("agreement with TEACHER in percent", fontsize=LABEL)
    metric = f"{sentence_start(table.metric)} in percent"
    axes[0].set_ylabel(metric, fontsize=LABEL, parse_math=False)
    key = [f"{number}  {row_label(row)}" for number, row in enumerate(rows, 1)]
    for place in range(columns):
        figure.text(
            1.01 + _KEY_WIDTH * place / width,
            0.95,
            "\n".join(key[place * _LINES : (place + 1) * _LINES]),
            fontsize=SMALL,
            color=INK,
            va="top",
            parse_math=False,
        )
    return figure


def _panel(panel: Axes, points: Sequence[_Point]) -> None:
    for point in points:
        (x, y), (across, up) = point.centre, point.intervals
        colour = "C1" if point.reference else "C0"
        if across is not None:
            panel.plot(across, (y, y), color=colour, linewidth=0.7, alpha=0.4, zorder=1)
        if up is not None:
            panel.plot((x, x), up, color=colour, linewidth=0.7, alpha=0.4, zorder=1)
        panel.plot(x, y, "o", color=colour, markersize=9, zorder=2)
        panel.annotate(
            str(point.number), (x, y), ha="center", va="center_baseline", fontsize=6, color="white"
        )
    panel.tick_params(labelsize=SMALL)
