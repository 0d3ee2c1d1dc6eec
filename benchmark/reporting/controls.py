"""What is left of each method's gain over every control, as a table and as values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from benchmark.planning.plan import STUDENT
from benchmark.reporting.grid import (
    Align,
    Grid,
    GridCell,
    GridRow,
    Heading,
    without_repeats,
)
from benchmark.reporting.latex.file import latex_file, latex_label, latex_sentence
from benchmark.reporting.latex.table import LatexStyle, LatexText, latex_floats
from benchmark.reporting.significance.comparisons import Contrast
from benchmark.reporting.significance.controls import ControlAnalysis, Survival
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.wording import (
    DIFFERS,
    column_heading,
    p_value_text,
    scenario_heading,
)
from benchmark.statistics import ALPHA
from benchmark.statistics.percent import points

COLUMNS = (
    "suite",
    "scenario",
    "dataset",
    "teacher_modality",
    "evaluated_modality",
    "method",
    "plugin",
    "control",
    "control_plugin",
    "n",
    "difference",
    "ci_low",
    "ci_high",
    "p_value",
    "holm_p_value",
    "survival_holm_p_value",
    "survives",
)
Analysed = Sequence[tuple[Table, ControlAnalysis]]


def control_heading(table: Table) -> str:
    """The heading of a table of controls."""
    heading = scenario_heading(table.scenario, table.columns)
    return f"What is left over the controls: {heading}"


def control_grid(table: Table, analysis: ControlAnalysis) -> Grid:
    """Methods below each other, column by column; STUDENT and the controls beside each other."""
    shared = [row.method for row in analysis.shared]
    rows = []
    for column in table.columns:
        heading = column_heading(column, table.scenario)
        own = [row for row, place in analysis.survivals if place == column]
        for label, row in zip(without_repeats(row.label for row in own), own, strict=True):
            survival = analysis.survivals[row, column]
            cells = [_difference(survival.left.get(name)) for name in shared]
            if analysis.own:
                cells.append(_difference(_least(survival, analysis.own)))
            least = _least(survival, survival.left)
            rows.append(
                GridRow(
                    [
                        GridCell(heading),
                        GridCell(label),
                        GridCell(None if row.variant == "-" else row.variant),
                        *cells,
                        GridCell(None if least is None else row_label(least.other)),
                        GridCell(p_value_text(survival.holm_p)),
                        GridCell(_verdict(survival)),
                    ]
                )
            )
            heading = ""
    names = [row.label for row in analysis.shared] + ["its own"] * bool(analysis.own)
    headings = [*map(Heading, ("", "method", "", *names, "least over", "p", "survives"))]
    aligned = [Align.LEFT] * 3 + [Align.RIGHT] * len(names)
    return Grid([headings], [*aligned, Align.LEFT, Align.RIGHT, Align.LEFT], rows)


def _least(survival: Survival, names: Iterable[str]) -> Contrast | None:
    """Of the comparisons with some controls, that of which least is left."""
    found = [survival.left[name] for name in names if name in survival.left]
    return min(found, key=lambda contrast: contrast.paired.difference, default=None)


def _difference(contrast: Contrast | None) -> GridCell:
    if contrast is None:
        return GridCell(None)
    text = points(contrast.paired.difference)
    return GridCell(text, marks=DIFFERS * contrast.significant, signed=True)


def _verdict(survival: Survival) -> str | None:
    if survival.missing or not survival.left:
        return None
    if survival.survives:
        return "yes"
    return "in the mean" if survival.above_in_mean else "no"


def control_legend(analysed: Analysed) -> str:
    """How to read the tables."""
    student = any(_has_student(analysis) for _, analysis in analysed)
    return (
        f"Controls: a method minus {'STUDENT and minus ' * student}each control, in points, paired "
        "over repetitions; a method with a plug-in is compared with the control that has it too. "
        f"{DIFFERS}: differs by more than chance, with Holm's correction over the methods and "
        "columns of one control. Its own: the same method without what it takes from the other "
        "modality. Least over: where least is left. p: of the claim that the method is above "
        f"{'STUDENT and ' * student}every control, the largest of their p-values, with Holm's "
        f"correction over methods and columns; below {ALPHA:g} it survives."
    )


def _has_student(analysis: ControlAnalysis) -> bool:
    return any(row.method == STUDENT for row in analysis.shared)


def control_findings(analysed: Analysed) -> list[str]:
    """Which methods survive, one sentence a table; `control_legend` says how to read the tables."""
    return [_headline(table, analysis) for table, analysis in analysed]


def _headline(table: Table, analysis: ControlAnalysis) -> str:
    """Which methods survive in one table."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for (row, column), survival in analysis.survivals.items():
        if survival.survives or survival.above_in_mean:
            where = column_heading(column, table.scenario)
            found[survival.survives].append(f"{row_label(row)} ({where})")
    surviving = ", ".join(found[True]) or "none"
    in_the_mean = ", ".join(found[False]) or "none"
    others = f"{'STUDENT and ' * _has_student(analysis)}every control"
    return (
        f"{scenario_heading(table.scenario, table.columns)}. Methods above {others} by more than "
        f"chance: {surviving}; in the mean alone: {in_the_mean}."
    )


def control_latex(name: str, title: str, analysed: Analysed) -> str:
    """The tables as LaTeX, one float each or several where it is long; a legend below the first."""
    floats: list[str] = []
    for table, analysis in analysed:
        grid = control_grid(table, analysis)
        caption = latex_sentence(f"{title}, {control_heading(table)}")
        legend = [] if floats else [latex_sentence(control_legend(analysed))]
        label = latex_label(f"{name}-controls-{table.scenario.value}")
        differences = len(grid.aligned) - 6
        style = LatexStyle(f"lll{'r' * differences}lrl")
        floats += latex_floats([(grid, style)], LatexText([caption], legend, label))
    return latex_file(floats)


def control_frame(suite: str, analysed: Analysed) -> pd.DataFrame:
    """One row per method, column and control, columns as `COLUMNS`; differences in [-1, 1]."""
    rows = [
        (suite, *values.values())
        for table, analysis in analysed
        for values in control_records(table, analysis)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def control_records(table: Table, analysis: ControlAnalysis) -> list[dict[str, Any]]:
    """All comparisons of a table, for JSON; keys as `COLUMNS` without the suite."""
    return [
        {
            "scenario": table.scenario.value,
            "dataset": column.dataset,
            "teacher_modality": column.teacher,
            "evaluated_modality": column.evaluated,
            "method": row.method,
            "plugin": row.plugin,
            **_values(contrast),
            "survival_holm_p_value": survival.holm_p,
            "survives": survival.survives,
        }
        for (row, column), survival in analysis.survivals.items()
        for contrast in survival.left.values()
    ]


def _values(contrast: Contrast) -> Mapping[str, Any]:
    paired = contrast.paired
    low, high = paired.marking_interval or (None, None)
    return {
        "control": contrast.other.method,
        "control_plugin": contrast.other.plugin,
        "n": paired.n,
        "difference": paired.difference,
        "ci_low": low,
        "ci_high": high,
        "p_value": paired.marking_p_value,
        "holm_p_value": contrast.holm_p,
    }
