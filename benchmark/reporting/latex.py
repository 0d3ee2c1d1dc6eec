"""Reports as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Iterable, Sequence

from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import LatexStyle, latex_table
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import table_heading

_NEEDS = r"% needs \usepackage{booktabs} and \usepackage{xcolor}"
_NEEDS_LETTERS = "% has letters beyond Latin: needs xelatex or lualatex, and a font that has them"
_LAST_LATIN = "\u024f"  # pdflatex sets these with the fonts that it always has


def render_latex(name: str, title: str, tables: Sequence[Table], notes: Sequence[str]) -> str:
    r"""Render the tables of selected checkpoints, ready for \input.

    The preamble needs \usepackage{booktabs} and \usepackage{xcolor}. The notes become the caption
    of the first table.
    """
    chosen = [table for table in tables if table.checkpoint == SELECTED]
    parts = []
    for number, table in enumerate(chosen):
        caption = f"{title}. {table_heading(table)}." if len(chosen) > 1 else f"{title}."
        if number == 0:
            caption += " " + " ".join(notes)
        label = name if len(chosen) == 1 else f"{name}-{table.scenario.value}"
        parts.append(_table(table, caption, label))
    return latex_file(parts)


def latex_file(parts: Iterable[str]) -> str:
    """The parts of a file below what it needs."""
    text = "\n\n".join(parts)
    needs = [_NEEDS, *([_NEEDS_LETTERS] if any(sign > _LAST_LATIN for sign in text) else [])]
    return "\n".join(needs) + f"\n\n{text}\n"


def latex_label(name: str) -> str:
    """A name as a label to refer to."""
    return name.replace("_", "-")


def _table(table: Table, caption: str, label: str) -> str:
    style = LatexStyle(
        caption=escape_latex(caption),
        columns=f"ll{'c' * len(table.columns)}r",
        opening="\\centering\n" + _type_size(len(table.columns)),
        label=latex_label(label),
    )
    return latex_table(suite_grid(table), style)


def _type_size(columns: int) -> str:
    """So that columns with deviations and marks, up to seven, fit a text width of 13 cm."""
    if columns <= 3:
        return r"\footnotesize\setlength{\tabcolsep}{3pt}"
    return r"\fontsize{6.2}{7.4}\selectfont\setlength{\tabcolsep}{1pt}"
