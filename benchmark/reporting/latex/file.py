r"""Files of LaTeX for \input: what their preamble needs, and the commands that they bring along."""

from collections.abc import Iterable, Sequence

from benchmark.reporting.escape import escape_latex

_NEEDS = r"% needs \usepackage{booktabs} and \usepackage{xcolor}"
_NEEDS_LETTERS = "% has letters beyond Latin: needs xelatex or lualatex, and a font that has them"
_LAST_LATIN = "\u024f"  # pdflatex sets these with the fonts that it always has
# Sizes and spaces from the largest on; where none fits, the table is scaled if graphicx is loaded.
_COMMANDS = r"""% \fittable sets a table in the largest type in which it fits into the line
\providecommand{\fittabletry}[4]{\ifdim\wd0>\linewidth
  \sbox0{\fontsize{#2}{#3}\selectfont\setlength{\tabcolsep}{#4}%
    \renewcommand{\tiny}{\fontsize{.7em}{.85em}\selectfont}#1}\fi}
\providecommand{\fittable}[1]{\par\vspace{4pt}\sbox0{}\wd0=\maxdimen
  \fittabletry{#1}{9}{10.8}{4pt}\fittabletry{#1}{8}{9.6}{3pt}\fittabletry{#1}{8}{9.6}{1.5pt}%
  \fittabletry{#1}{7}{8.4}{2pt}\fittabletry{#1}{7}{8.4}{1pt}\fittabletry{#1}{6}{7.2}{1.5pt}%
  \fittabletry{#1}{6}{7.2}{.7pt}\fittabletry{#1}{5}{6}{1pt}\fittabletry{#1}{5}{6}{.5pt}%
  \ifdim\wd0>\linewidth\ifdefined\resizebox\sbox0{\resizebox{\linewidth}{!}{\usebox0}}\fi\fi
  \usebox0}
\providecommand{\cellstack}[1]{\begin{tabular}[t]{@{}c@{}}#1\end{tabular}}
\providecommand{\tablelegend}[1]{\par\vspace{3pt}%
  \parbox{\linewidth}{\fontsize{8}{9.6}\selectfont\raggedright #1}}"""


def latex_file(parts: Iterable[str]) -> str:
    """Floats below what they need, and the commands that they use."""
    return _with_needs([_NEEDS], _COMMANDS, "\n\n".join(parts))


def latex_notes(lists: Iterable[tuple[str, Sequence[str]]]) -> str:
    r"""Sentences for an appendix, numbered, each list below its heading; empty lists are left out.

    The headings are LaTeX code, so that they can refer to tables.
    """
    parts = [_list(heading, sentences) for heading, sentences in lists if sentences]
    return _with_needs([], "", "\n\n".join(parts))


def latex_label(name: str) -> str:
    """A name as a label to refer to."""
    return name.replace("_", "-")


def latex_sentence(text: str) -> str:
    """A sentence as LaTeX code, without its full stop, which captions and legends add."""
    return escape_latex(text.removesuffix("."))


def _list(heading: str, sentences: Sequence[str]) -> str:
    items = [rf"\item {escape_latex(sentence)}" for sentence in sentences]
    lines = [rf"{{\footnotesize\raggedright\noindent {heading}", r"\begin{enumerate}"]
    return "\n".join([*lines, *items, r"\end{enumerate}}"])


def _with_needs(needs: Sequence[str], commands: str, text: str) -> str:
    letters = [_NEEDS_LETTERS] if any(sign > _LAST_LATIN for sign in text) else []
    head = "\n".join(filter(None, [*needs, *letters, commands]))
    return f"{head}\n\n{text}\n" if head else f"{text}\n"
