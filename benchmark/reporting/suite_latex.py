"""The tables of a suite as LaTeX that needs booktabs and xcolor alone."""

import math
from collections.abc import Sequence
from dataclasses import replace

from benchmark.reporting.grid import Align, Grid
from benchmark.reporting.latex.file import latex_file, latex_label, latex_notes, latex_sentence
from benchmark.reporting.latex.table import LatexStyle, LatexText, characters, latex_floats
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import table_heading

_PAGE_CHARACTERS = 100  # of a table that is legible on a text width of 12 cm


def render_latex(
    name: str,
    title: str,
    tables: Sequence[Table],
    small_print: SmallPrint,
    further: Sequence[tuple[str, Grid]] = (),
) -> str:
    r"""Render the tables of selected checkpoints, and what is beside them, ready for \input.

    The first caption says what the numbers are and what to beware of, the first legend what signs
    and columns mean; the others refer to it. What is left is for `render_latex_notes`.
    """
    chosen = [table for table in tables if table.checkpoint == SELECTED]
    first = _label(name, chosen, 0)
    floats: list[str] = []
    for number, table in enumerate(chosen):
        shown = table_heading(table)
        heading = f"{title}, {shown[0].lower()}{shown[1:]}" if len(chosen) > 1 else title
        text = _read_as(heading, first, _label(name, chosen, number))
        if number == 0:
            said = [heading, small_print.scores, small_print.caution]
            caption = [latex_sentence(sentence) for sentence in said if sentence]
            explained = [small_print.marks, *small_print.columns]
            text = LatexText(caption, [latex_sentence(sentence) for sentence in explained], first)
        parts = [(suite_grid(part), _style(part)) for part in _column_parts(table)]
        floats += latex_floats(parts, text)
    for number, (heading, grid) in enumerate(further, 1):
        left = sum(align is Align.LEFT for align in grid.aligned)
        style = LatexStyle("l" * left + "r" * (len(grid.aligned) - left))
        text = LatexText([latex_sentence(heading)], [], f"{latex_label(name)}-further-{number}")
        floats += latex_floats([(grid, style)], text)
    return latex_file(floats)


def render_latex_notes(name: str, title: str, tables: Sequence[Table], notes: Sequence[str]) -> str:
    r"""The notes on the tables that `render_latex` wrote, for an appendix, ready for \input."""
    chosen = [table for table in tables if table.checkpoint == SELECTED]
    reference = rf"Table~\ref{{tab:{_label(name, chosen, 0)}}}"
    return latex_notes([(rf"Notes on {reference}, {latex_sentence(title)}:", notes)])


def _label(name: str, chosen: Sequence[Table], number: int) -> str:
    return latex_label(name if len(chosen) == 1 else f"{name}-{chosen[number].scenario.value}")


def _read_as(heading: str, first: str, label: str) -> LatexText:
    """Around a table whose numbers and signs are those of the first one."""
    caption = rf"{latex_sentence(heading)}, to be read as Table~\ref{{tab:{first}}}"
    return LatexText([caption], [], label)


def _style(table: Table) -> LatexStyle:
    return LatexStyle(f"ll{'c' * len(table.columns)}r")


def _column_parts(table: Table) -> list[Table]:
    """The table in as few parts as are legible, each with some of its columns."""
    count = min(math.ceil(characters(suite_grid(table)) / _PAGE_CHARACTERS), len(table.columns))
    size = math.ceil(len(table.columns) / count)
    starts = range(0, len(table.columns), size)
    return [replace(table, columns=table.columns[start : start + size]) for start in starts]
