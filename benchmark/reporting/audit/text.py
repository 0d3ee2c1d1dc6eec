"""An audit as Markdown and as LaTeX."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from benchmark.planning.config import Protocol, Suite
from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.audit.sheet import AuditSheet, Effect, EffectKey
from benchmark.reporting.latex import escape
from benchmark.reporting.markdown import (
    column_heading,
    format_coverage,
    format_number,
    format_parameters,
)
from benchmark.reporting.tables import Entry, Row, row_label
from benchmark.statistics import PairedComparison, mean, paired_comparison

STUDENT_X2 = "student_x2"
BASELINES = (STUDENT, STUDENT_X2)
UNCHANGED = "·"
ALPHA = 0.05


class Grid(NamedTuple):
    """A table of an audit as text: one heading per column, one list of cells per row."""

    title: str
    headings: list[str]
    rows: list[list[str]]


Effects = Mapping[str, Mapping[EffectKey, Effect]]


class Style(NamedTuple):
    """How a format writes what cells are made of.

    Attributes:
        join: makes one text of the parts of a cell.
        interval: writes a confidence interval, in points.
    """

    join: Callable[[Sequence[str]], str]
    interval: Callable[[float, float], str]


def render_audit_markdown(
    suite: Suite, sheets: Sequence[AuditSheet], effects: Effects, notes: Sequence[str]
) -> str:
    """Render the audit: per student the scores, then the effects on the gain over each baseline."""
    lines = [f"# {suite.title or suite.name}", ""]
    for sheet in sheets:
        lines += [f"## {sheet_heading(sheet)}", ""]
        for grid in _grids(sheet, effects, list(sheet.variants), _MARKDOWN):
            lines += [f"**{grid.title}**", "", f"| {' | '.join(grid.headings)} |"]
            lines += ["| --- |" + " ---: |" * (len(grid.headings) - 1)]
            lines += [f"| {' | '.join(row)} |" for row in grid.rows]
            lines += [""]
    lines += [f"- {note}" for note in notes]
    return "\n".join(lines) + "\n"


def render_audit_latex(
    suite: Suite, sheets: Sequence[AuditSheet], effects: Effects, notes: Sequence[str]
) -> str:
    """Render the audit for booktabs and xcolor; variants are numbered, the caption names them."""
    parts = [r"% needs \usepackage{booktabs} and \usepackage{xcolor}"]
    for sheet in sheets:
        numbers = [str(number) for number in range(len(sheet.variants))]
        legend = "; ".join(
            f"{number}: {name}" for number, name in zip(numbers, sheet.variants, strict=True)
        )
        for grid in _grids(sheet, effects, numbers, _LATEX):
            title = f"{suite.title or suite.name}: {sheet_heading(sheet)}"
            caption = escape(f"{title}. {grid.title}. {legend}.")
            if len(parts) == 1:
                caption += " " + escape(
                    f"{' '.join(notes)} Gains and effects: mean ± half of that interval."
                )
            parts.append(_latex_table(grid, caption))
    return "\n\n".join(parts) + "\n"


def _latex_table(grid: Grid, caption: str) -> str:
    """A grid whose cells are LaTeX already, under a caption that is too."""
    lines = [
        r"\begin{table}[t]",
        r"\centering\fontsize{6.2}{7.4}\selectfont\setlength{\tabcolsep}{1pt}",
        rf"\caption{{{caption}}}",
        rf"\begin{{tabular}}{{l{'c' * (len(grid.headings) - 1)}}}",
        r"\toprule",
        rf"{' & '.join(map(escape, grid.headings))} \\",
        r"\midrule",
        *(rf"{' & '.join(row)} \\[2pt]" for row in grid.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def sheet_heading(sheet: AuditSheet) -> str:
    """Data set and modalities of a sheet."""
    return f"{sheet.column.label} {column_heading(sheet.column, sheet.scenario, '→')}"


def audit_notes(suite: Suite, base: Protocol, target: Protocol) -> list[str]:
    """What a reader must know to judge an audit."""
    return [
        f"Weighted F1 on the test set in percent, {len(suite.seeds)} repetitions; the checkpoint "
        "with the best validation weighted F1.",
        f"Each column between {base.name} and {target.name} changes one switch of {base.name} "
        f"alone; {UNCHANGED} where the switch changes nothing of what is compared.",
        "Effects are in points, with the 95 % confidence interval (t, n - 1) of the mean over "
        "repetitions, paired: the same split, batch order and initial weights with and without "
        "the change. Effects of single switches need not add up to the effect of all.",
        "* : Holm-corrected p-value of the paired t-test below 0.05, over all effects on gains "
        "over the same baseline.",
        "Printed gain, where the data is the paper's: what the paper's table has, which may have "
        "been made with other code than either protocol.",
    ]


def _grids(sheet: AuditSheet, effects: Effects, names: list[str], style: Style) -> list[Grid]:
    grids = [_scores(sheet, names, style)]
    for baseline in BASELINES:
        reference = sheet.row(baseline)
        if reference is not None:
            grids.append(_gains(sheet, effects[baseline], reference, names, style))
    return grids


def _scores(sheet: AuditSheet, names: list[str], style: Style) -> Grid:
    def text(row: Row, variant: str) -> str:
        if variant != sheet.base and not sheet.changed(row, variant):
            return style.join([UNCHANGED])
        entry = Entry(sheet.scores[row, variant], sheet.expected)
        number, separator, deviation = (format_number(entry) or "-").partition(" ± ")
        spread = [f"± {deviation}"] if separator else []
        coverage = format_coverage(entry).strip()
        return style.join([number, *spread, *([coverage] if coverage else [])])

    rows = [
        [
            style.join([row_label(row)]),
            *(text(row, name) for name in sheet.variants),
            format_parameters(sheet.parameters[row], "-"),
        ]
        for row in sheet.rows
    ]
    return Grid("Weighted F1", ["method", *names, "M"], rows)


def _gains(
    sheet: AuditSheet,
    effects: Mapping[EffectKey, Effect],
    reference: Row,
    names: list[str],
    style: Style,
) -> Grid:
    rows = []
    for row in sheet.rows:
        if row == reference or row.method == TEACHER:
            continue
        gains = {name: sheet.gain(row, name, reference) for name in sheet.variants}
        zero = dict.fromkeys(gains[sheet.base], 0.0)
        first = _effect(paired_comparison(gains[sheet.base], zero), False, sheet.expected, style)
        cells = [style.join([row_label(row)]), style.join(first)]
        for name in sheet.variants[1:]:
            effect = effects.get((sheet.place, row, name))
            if effect is None:
                cells.append(style.join([UNCHANGED]))
                continue
            marked = effect.corrected_p is not None and effect.corrected_p < ALPHA
            cells.append(style.join(_effect(effect.comparison, marked, sheet.expected, style)))
        total = mean(gains[sheet.variants[-1]])
        cells.append("-" if total is None else f"{100 * total:+.2f}")
        if sheet.printed:
            cells.append(_printed_gain(sheet, row, reference))
        rows.append(cells)
    first_name, *others = names
    headings = [f"gain, {first_name}", *(f"effect of {name}" for name in others)]
    if first_name == "0":
        headings = [f"gain {first_name}", *(f"+{name}" for name in others)]
    headings += [f"gain, {names[-1]}", *(["printed gain"] if sheet.printed else [])]
    title = f"Gain over {reference.label}, and what each change adds to it, in points"
    return Grid(title, ["method", *headings], rows)


def _printed_gain(sheet: AuditSheet, row: Row, reference: Row) -> str:
    own, other = sheet.printed.get(row), sheet.printed.get(reference)
    return "-" if own is None or other is None else f"{own - other:+.2f}"


def _effect(
    comparison: PairedComparison | None, marked: bool, expected: int, style: Style
) -> list[str]:
    """Difference, interval, mark, and how many repetitions there are where some are missing."""
    if comparison is None:
        return ["-"]
    parts = [f"{100 * comparison.difference:+.2f}"]
    if comparison.interval is not None:
        low, high = comparison.interval
        parts.append(style.interval(100 * low, 100 * high))
    if marked:
        parts.append("*")
    if comparison.n < expected:
        parts.append(f"(n = {comparison.n})")
    return parts


def _shortstack(parts: Sequence[str]) -> str:
    """The parts of a cell below each other, those after the first one smaller."""
    first, *others = map(escape, parts)
    if not others:
        return first
    below = r"\\".join(rf"{{\tiny {other}}}" for other in others)
    return rf"\shortstack{{{first}\\{below}}}"


_MARKDOWN = Style(" ".join, lambda low, high: f"[{low:+.1f}, {high:+.1f}]")
# Half of the interval: ten set-ups must fit on a page.
_LATEX = Style(_shortstack, lambda low, high: f"± {(high - low) / 2:.1f}")
