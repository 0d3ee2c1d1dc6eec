"""Comparisons with printed tables as LaTeX that needs booktabs and xcolor alone."""

from collections.abc import Sequence

from benchmark.reporting.latex.file import latex_file, latex_label, latex_notes, latex_sentence
from benchmark.reporting.latex.table import LatexStyle, LatexText, latex_floats
from benchmark.reporting.published.comparison import Comparison
from benchmark.reporting.published.grid import (
    column_groups,
    comparison_grid,
    group_heading,
    has_arrows,
)
from benchmark.reporting.published.small_print import ComparisonPrint
from benchmark.reporting.tables import Column


def render_comparison_latex(
    name: str, title: str, comparisons: Sequence[Comparison], small_print: ComparisonPrint
) -> str:
    r"""Render a comparison, ready for \input: a float per scenario and data set.

    The first caption has what a reader must know of all tables, and the others refer to it,
    because floats move.
    """
    floats: list[str] = []
    first = ""
    for comparison in comparisons:
        for columns in column_groups(comparison):
            heading = f"{title}, {group_heading(comparison, columns)}"
            named = f"{name}-{comparison.scenario.value}-{columns[0].dataset}"
            label = latex_label(named)
            if first:
                other = ", with another set-up" if small_print.setup else ""
                read = rf"{other}, to be read as Table~\ref{{tab:{first}}}"
                text = LatexText([latex_sentence(heading) + read], [], label)
            else:
                first = label
                said = [heading, small_print.scores, *small_print.setup]
                text = LatexText(
                    [latex_sentence(sentence) for sentence in said],
                    [latex_sentence(sentence) for sentence in small_print.legend],
                    label,
                )
            part = comparison_grid(comparison, columns), _style(comparison, columns)
            floats += latex_floats([part], text)
    return latex_file(floats)


def render_comparison_notes(
    title: str, comparisons: Sequence[Comparison], small_print: ComparisonPrint
) -> str:
    r"""The oddities that cells refer to, and all else that is to be said, ready for \input."""
    heading = latex_sentence(title)
    oddities = [
        (
            rf"Oddities of the printed table, {comparison.scenario.value.replace('_', '-')}:",
            [oddity.sentence for oddity in comparison.oddities],
        )
        for comparison in comparisons
    ]
    return latex_notes([*oddities, (f"{heading}:", [*small_print.refused, *small_print.notes])])


def _style(comparison: Comparison, columns: Sequence[Column]) -> LatexStyle:
    types = "rrrl" if has_arrows(comparison, columns) else "rrr"
    return LatexStyle(f"@{{}}ll{types * len(columns)}@{{}}", small_remarks=True)
