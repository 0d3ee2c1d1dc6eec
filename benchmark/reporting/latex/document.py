"""One LaTeX document of all tables, figures and notes of a report."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from benchmark.reporting.escape import escape_latex

NAME = "main.tex"
_HEAD = r"""% pdflatex main.tex; in two columns: pdflatex '\def\layout{twocolumn}\input{main}'
\providecommand{\layout}{onecolumn}
\documentclass[\layout]{article}
\usepackage{booktabs}
\usepackage{xcolor}
\usepackage{graphicx}
\extrafloats{200}
\setlength{\emergencystretch}{3em}
\begin{document}
\author{}\date{}\title{%s}
\maketitle
\listoftables
\listoffigures
\clearpage"""


class LatexFigure(NamedTuple):
    """A figure of a document: a PDF file beside it, texts on it, and its width.

    `heading` stands in the list of figures. `wide` figures are as wide as the text, the others as
    a column.
    """

    file: str
    heading: str
    caption: str
    wide: bool


def render_document(
    title: str,
    tables: Iterable[str],
    figures: Iterable[LatexFigure],
    notes: Iterable[str],
) -> str:
    """The document that puts the files of a report together.

    Args:
        title: of the report.
        tables: names of LaTeX files with tables.
        figures: in their order.
        notes: names of LaTeX files with notes on the tables.
    """
    lines = [_HEAD.replace("%s", escape_latex(title))]
    for name in tables:
        lines += [rf"\input{{{name}}}", r"\clearpage"]
    for figure in figures:
        lines += _figure(figure)
    lines += [r"\clearpage", r"\section*{Notes}", *(rf"\input{{{name}}}" for name in notes)]
    return "\n".join([*lines, r"\end{document}", ""])


def _figure(figure: LatexFigure) -> Sequence[str]:
    environment = "figure*" if figure.wide else "figure"
    size = r"width=\linewidth,height=.8\textheight,keepaspectratio"
    return (
        rf"\begin{{{environment}}}[t]",
        r"\centering",
        rf"\includegraphics[{size}]{{{figure.file}}}",
        rf"\caption[{{{escape_latex(figure.heading)}}}]{{{escape_latex(figure.caption)}}}",
        rf"\end{{{environment}}}",
    )
