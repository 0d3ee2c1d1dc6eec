"""Reports as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Iterable, Sequence

from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import LatexStyle, latex_table
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import table_heading

_NEEDS = r"% needs \usepackage{booktabs} and \usepackage{xcolor}"
_NEEDS_LETTERS = "% has letters beyond Latin: needs xelatex or lualatex, and a font that has them"
# Sizes and spaces from the largest on; where none fits, the table is scaled if graphicx is loaded.
_FITTING = r"""% sets a table in the largest type in which it fits into the line
\providecommand{\fittabletry}[4]{\ifdim\wd0>\linewidth
  \sbox0{\fontsize{#2}{#3}\selectfont\setlength{\tabcolsep}{#4}#1}\fi}
\providecommand{\fittable}[1]{\sbox0{}\wd0=\maxdimen
  \fittabletry{#1}{9}{10.8}{4pt}\fittabletry{#1}{8}{9.6}{3pt}\fittabletry{#1}{8}{9.6}{1.5pt}%
  \fittabletry{#1}{7}{8.4}{2pt}\fittabletry{#1}{7}{8.4}{1pt}\fittabletry{#1}{6}{7.2}{1.5pt}%
  \fittabletry{#1}{6}{7.2}{.7pt}\fittabletry{#1}{5}{6}{1pt}\fittabletry{#1}{5}{6}{.5pt}%
  \ifdim\wd0>\linewidth\ifdefined\resizebox\sbox0{\resizebox{\linewidth}{!}{\usebox0}}\fi\fi
  \usebox0}"""
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
    """The parts of a file below what it needs, and the command that fits its tables."""
    text = "\n\n".join(parts)
    needs = [_NEEDS, *([_NEEDS_LETTERS] if any(sign > _LAST_LATIN for sign in text) else [])]
    return "\n".join([*needs, _FITTING]) + f"\n\n{text}\n"


def latex_label(name: str) -> str:
    """A name as a label to refer to."""
    return name.replace("_", "-")


def _table(table: Table, caption: str, label: str) -> str:
    style = LatexStyle(
        caption=escape_latex(caption),
        columns=f"ll{'c' * len(table.columns)}r",
        label=latex_label(label),
    )
    return latex_table(suite_grid(table), style)
