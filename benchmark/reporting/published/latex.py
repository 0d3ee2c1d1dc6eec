"""Comparisons with printed tables as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Sequence

from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import LatexStyle, latex_table
from benchmark.reporting.latex import latex_file, latex_label
from benchmark.reporting.published.comparison import Comparison
from benchmark.reporting.published.grid import (
    column_groups,
    comparison_grid,
    group_heading,
    has_arrows,
)
from benchmark.reporting.tables import Column


def render_comparison_latex(
    name: str,
    title: str,
    above: Sequence[str],
    comparisons: Sequence[Comparison],
    below: Sequence[str],
) -> str:
    r"""Render a comparison, ready for \input: a float per scenario and data set, text after them.

    The preamble needs \usepackage{booktabs} and \usepackage{xcolor}. The sentences above stand in
    every caption, because floats move and a table must not be read without them.
    """
    parts = []
    for comparison in comparisons:
        for columns in column_groups(comparison):
            caption = " ".join([f"{group_heading(comparison, columns)}. {title}.", *above])
            label = f"{name}-{comparison.scenario.value}-{columns[0].dataset}"
            parts.append(_table(comparison, columns, caption, label))
        if comparison.oddities:
            sentences = [oddity.sentence for oddity in comparison.oddities]
            parts.append(_list("enumerate", "Oddities of the printed table:", sentences))
    parts.append(_list("itemize", "On the comparison:", below))
    return latex_file(parts)


def _list(environment: str, heading: str, sentences: Sequence[str]) -> str:
    items = [rf"\item {escape_latex(sentence)}" for sentence in sentences]
    return "\n".join(
        [
            rf"{{\footnotesize\noindent {heading}",
            rf"\begin{{{environment}}}",
            *items,
            rf"\end{{{environment}}}}}",
        ]
    )


def _table(comparison: Comparison, columns: Sequence[Column], caption: str, label: str) -> str:
    types = "rrrl" if has_arrows(comparison, columns) else "rrr"
    style = LatexStyle(
        caption=escape_latex(caption),
        columns=f"@{{}}ll{types * len(columns)}@{{}}",
        label=latex_label(label),
        small_remarks=True,
    )
    return latex_table(comparison_grid(comparison, columns), style)
