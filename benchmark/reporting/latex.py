"""Tables as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Sequence
from itertools import groupby

from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.markdown import (
    column_heading,
    format_coverage,
    format_parameters,
    table_heading,
)
from benchmark.reporting.tables import SELECTED, Entry, Row, Table
from benchmark.statistics import Arrow

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "≠": r"$\neq$",
    "†": r"$\dagger$",
    "·": r"$\cdot$",
}
_ARROWS = {
    Arrow.UP: r"\textcolor{green!55!black}{$\uparrow$}",
    Arrow.DOWN: r"\textcolor{red!80!black}{$\downarrow$}",
    Arrow.EQUAL: r"$=$",
}


def render_latex(name: str, title: str, tables: Sequence[Table], notes: Sequence[str]) -> str:
    r"""Render the tables of selected checkpoints, ready for \input.

    The preamble needs \usepackage{booktabs} and \usepackage{xcolor}. The notes become the caption
    of the first table.
    """
    chosen = [table for table in tables if table.checkpoint == SELECTED]
    parts = [r"% needs \usepackage{booktabs} and \usepackage{xcolor}"]
    for number, table in enumerate(chosen):
        caption = f"{title}. {table_heading(table)}." if len(chosen) > 1 else f"{title}."
        if number == 0:
            caption += " " + " ".join(notes)
        label = name if len(chosen) == 1 else f"{name}-{table.scenario.value}"
        parts.append(_table(table, escape(caption), label.replace("_", "-")))
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Make any text safe for LaTeX."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def _stacked(label: str) -> str:
    """A heading whose remark in parentheses stands on a line of its own."""
    name, separator, remark = label.partition(" (")
    if not separator:
        return escape(label)
    return rf"\shortstack{{{escape(name)}\\({escape(remark)}}}"


def _table(table: Table, caption: str, label: str) -> str:
    groups = [(key, len(list(own))) for key, own in groupby(table.columns, lambda c: c.label)]
    headings, rules, place = [], [], 3
    for group_label, width in groups:
        headings.append(rf"\multicolumn{{{width}}}{{c}}{{{_stacked(group_label)}}}")
        rules.append(rf"\cmidrule(lr){{{place}-{place + width - 1}}}")
        place += width
    modalities = [escape(column_heading(column, table.scenario, "→")) for column in table.columns]
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        _font(len(table.columns)),
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{ll{'c' * len(table.columns)}r}}",
        r"\toprule",
        " & & " + " & ".join(headings) + r" & \\",
        " ".join(rules),
        " & & " + " & ".join(modalities) + r" & M \\",
        r"\midrule",
    ]
    previous = ""
    for row in table.rows:
        label_text = escape(row.label) if row.label != previous else ""
        previous = row.label
        variant = "--" if row.variant == "-" else escape(row.variant)
        cells = [*_row_cells(table, row), format_parameters(table.parameters[row], "--")]
        lines.append(f"{label_text} & {variant} & {' & '.join(cells)} " + r"\\")
        if row.method == STUDENT:
            lines.append(r"\midrule")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"])


def _font(columns: int) -> str:
    """So that columns with deviations and marks, up to seven, fit a text width of 13 cm."""
    if columns <= 3:
        return r"\footnotesize\setlength{\tabcolsep}{3pt}"
    return r"\fontsize{6.2}{7.4}\selectfont\setlength{\tabcolsep}{1pt}"


def _row_cells(table: Table, row: Row) -> list[str]:
    if row.method != TEACHER:
        return [_cell(table.entries[row, column]) for column in table.columns]
    return [
        _cell(entry) if width == 1 else rf"\multicolumn{{{width}}}{{c}}{{{_cell(entry)}}}"
        for entry, width in table.teacher_spans()
    ]


def _cell(entry: Entry) -> str:
    if entry.mean is None:
        return f"--{format_coverage(entry)}"
    number = f"{100 * entry.mean:.2f}"
    if entry.std is not None:
        number += rf"{{\tiny$\pm${100 * entry.std:.2f}}}"
    number = rf"\textbf{{{number}}}" if entry.best else number
    marks = "*" * entry.differs + r"\dagger" * entry.below_best
    raised = f"$^{{{marks}}}$" if marks else ""
    arrow = _ARROWS[entry.arrow] if entry.arrow else ""
    return f"{number}{arrow}{raised}{format_coverage(entry)}"
