"""A table as headings and cells of parts, which each format writes in its own way.

Writers of tables say what stands in a cell; only this module knows how Markdown says it, and
`latex/table.py` how LaTeX does. The console shows the Markdown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from benchmark.reporting.escape import escape_markdown


class Align(StrEnum):
    """The alignment of a column, as Markdown writes it."""

    LEFT = "---"
    RIGHT = "---:"
    CENTRE = ":---:"


class Colour(StrEnum):
    """The colour of a sign, as xcolor names it."""

    GREEN = "green!55!black"
    RED = "red!80!black"
    BLACK = "black"


class Sign(NamedTuple):
    """An arrow or the like; one without a colour is written as text."""

    text: str
    colour: Colour | None = None


@dataclass(frozen=True)
class Heading:
    """A heading over one or more columns.

    Attributes:
        text: in Markdown, where it is joined with the headings above and below it.
        width: number of columns.
        latex: the LaTeX code of the heading, where that is another one there.
    """

    text: str = ""
    width: int = 1
    latex: str | None = None


@dataclass(frozen=True)
class GridCell:
    """A cell; its parts in the order in which they stand.

    Attributes:
        text: a label or a number; None for a number that is missing.
        deviation: of the number; "" for none.
        interval: low and high end of a confidence interval; LaTeX has room for half of it.
        signs: arrows and the like.
        marks: of significance, such as "*".
        notes: numbers of the notes that the cell refers to.
        remark: such as "1 of 2", in parentheses.
        strong: whether number and deviation are in bold.
        signed: whether the text is a number with a sign, which LaTeX sets as a formula.
        stacked: whether the parts stand below each other where the format can do so.
        width: number of columns; Markdown leaves those after the first empty.
    """

    text: str | None = ""
    deviation: str = ""
    interval: tuple[float, float] | None = None
    signs: tuple[Sign, ...] = ()
    marks: str = ""
    notes: tuple[int, ...] = ()
    remark: str = ""
    strong: bool = False
    signed: bool = False
    stacked: bool = False
    width: int = 1


class GridRow(NamedTuple):
    """The cells of a row, and whether a rule stands below it where the format has rules."""

    cells: Sequence[GridCell]
    ruled: bool = False


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        headings: rows of headings, each as wide as the table; all but the last are of groups.
        aligned: how Markdown aligns each column.
        rows: each as wide as the table.
    """

    headings: Sequence[Sequence[Heading]]
    aligned: Sequence[Align]
    rows: Sequence[GridRow]


def without_repeats(labels: Iterable[str]) -> list[str]:
    """Labels of rows from top to bottom, "" where the row above has the same."""
    found, previous = [], ""
    for label in labels:
        found.append("" if label == previous else label)
        previous = label
    return found


def markdown_table(grid: Grid) -> list[str]:
    """The lines of a grid as a Markdown table."""
    headings = [[text for h in row for text in [h.text] * h.width] for row in grid.headings]
    joined = (" ".join(filter(None, texts)) for texts in zip(*headings, strict=True))
    lines = [
        "|" + "".join(f" {escape_markdown(text)} |" if text else " |" for text in joined),
        f"| {' | '.join(grid.aligned)} |",
    ]
    for row in grid.rows:
        texts = [text for cell in row.cells for text in [_markdown(cell), *[""] * (cell.width - 1)]]
        lines.append(f"| {' | '.join(texts)} |")
    return lines


def _markdown(cell: GridCell) -> str:
    number = "-" if cell.text is None else escape_markdown(cell.text)
    number += f" ± {cell.deviation}" if cell.deviation else ""
    parts = [f"**{number}**" if cell.strong else number]
    if cell.interval is not None:
        low, high = cell.interval
        parts.append(f"[{low:+.1f}, {high:+.1f}]")
    parts += [sign.text for sign in cell.signs]
    if cell.stacked and cell.marks:
        parts.append(cell.marks)
    text = " ".join(filter(None, parts)) + ("" if cell.stacked else cell.marks)
    text += "".join(f" [{number}]" for number in cell.notes)
    return text + (f" ({escape_markdown(cell.remark)})" if cell.remark else "")
