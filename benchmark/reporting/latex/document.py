"""One LaTeX document of all tables, figures and notes of a report."""

from collections.abc import Iterable, Sequence

from benchmark.reporting.escape import escape_latex
from benchmark.reporting.figures import ReportFigure

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


def render_document(title: str, sources: Sequence[str], figures: Iterable[ReportFigure]) -> str:
    """The document that puts the files of a report together: tables, figures, notes.

    Args:
        title: of the report.
        sources: names of its LaTeX files; those that end in `_notes.tex` have the notes on tables.
        figures: of which it takes the PDF files.
    """
    notes = [name for name in sources if name.endswith("_notes.tex")]
    lines = [_HEAD.replace("%s", escape_latex(title))]
    for name in sources:
        if name not in notes:
            lines += [rf"\input{{{name}}}", r"\clearpage"]
    for figure in figures:
        for file in figure.files:
            if file.endswith(".pdf"):
                lines += _figure(file, figure)
    lines += [r"\clearpage", r"\section*{Notes}", *(rf"\input{{{name}}}" for name in notes)]
    return "\n".join([*lines, r"\end{document}", ""])


def _figure(file: str, figure: ReportFigure) -> Sequence[str]:
    """One PDF, as wide as the text."""
    size = r"width=\linewidth,height=.8\textheight,keepaspectratio"
    return (
        r"\begin{figure*}[t]",
        r"\centering",
        rf"\includegraphics[{size}]{{{file}}}",
        rf"\caption[{{{escape_latex(figure.heading)}}}]{{{escape_latex(figure.caption)}}}",
        r"\end{figure*}",
    )
