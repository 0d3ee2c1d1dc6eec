"""A table as headings and cells of parts, which each format writes in its own way.

Writers of tables say what stands in a cell; only this module knows how Markdown and LaTeX say it.
The console shows the Markdown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from benchmark.reporting.escape import escape_latex, escape_markdown


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


@dataclass(frozen=True)
class LatexStyle:
    """What LaTeX must know beside the grid.

    Attributes:
        caption: LaTeX code.
        columns: the column types of the tabular.
        label: of the float; None for none.
        small_remarks: whether remarks are in small type.
        gap: what follows the end of a row, such as "[2pt]".
    """

    caption: str
    columns: str
    label: str | None = None
    small_remarks: bool = False
    gap: str = ""


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


def latex_table(grid: Grid, style: LatexStyle) -> str:
    """A grid as a LaTeX float, for a file that `latex_file` writes."""
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{style.caption}}}",
        *([] if style.label is None else [rf"\label{{tab:{style.label}}}"]),
        rf"\fittable{{\begin{{tabular}}{{{style.columns}}}",
        r"\toprule",
        *(line for row in grid.headings[:-1] for line in _latex_groups(row)),
        rf"{_latex_headings(grid.headings[-1])} \\",
        r"\midrule",
    ]
    for row in grid.rows:
        lines.append(rf"{' & '.join(_latex(cell, style) for cell in row.cells)} \\{style.gap}")
        if row.ruled:
            lines.append(r"\midrule")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}}", r"\end{table}"])


def latex_stack(lines: Sequence[str]) -> str:
    """Lines of LaTeX code below each other in one cell."""
    below = r"\\".join(lines)
    return rf"\shortstack{{{below}}}"


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
    return text + (f" ({cell.remark})" if cell.remark else "")


def _latex(cell: GridCell, style: LatexStyle) -> str:
    text = _latex_stacked(cell) if cell.stacked else _latex_line(cell, style)
    return text if cell.width == 1 else rf"\multicolumn{{{cell.width}}}{{c}}{{{text}}}"


def _latex_line(cell: GridCell, style: LatexStyle) -> str:
    text = "--" if cell.text is None else escape_latex(cell.text)
    if cell.signed and text:
        text = f"${text}$"
    if cell.deviation:
        text += rf"{{\tiny$\pm${cell.deviation}}}"
    parts = [rf"\textbf{{{text}}}" if cell.strong else text, *map(_latex_sign, cell.signs)]
    if cell.marks:
        marks = cell.marks.replace("†", r"\dagger")
        parts.append(f"$^{{{marks}}}$")
    if cell.notes:
        parts.append(rf"\textsuperscript{{{','.join(map(str, cell.notes))}}}")
    if cell.remark:
        remark = f"({cell.remark})"
        parts.append(rf"{{\tiny\,{remark}}}" if style.small_remarks else f" {remark}")
    return "".join(parts)


def _latex_stacked(cell: GridCell) -> str:
    """The parts of a cell below each other, those after the first one smaller."""
    below = [rf"$\pm$ {cell.deviation}"] if cell.deviation else []
    if cell.interval is not None:
        low, high = cell.interval
        below.append(rf"$\pm$ {(high - low) / 2:.1f}")
    below += [cell.marks, f"({cell.remark})" if cell.remark else ""]
    first = "--" if cell.text is None else escape_latex(cell.text)
    lines = [first, *(rf"{{\tiny {part}}}" for part in below if part)]
    return first if len(lines) == 1 else latex_stack(lines)


def _latex_sign(sign: Sign) -> str:
    text = escape_latex(sign.text)
    if sign.colour is None:
        return text
    formula = text if text.startswith("$") else f"${text}$"
    return formula if sign.colour is Colour.BLACK else rf"\textcolor{{{sign.colour}}}{{{formula}}}"


def _latex_groups(headings: Sequence[Heading]) -> list[str]:
    """Headings of groups of columns, and a rule below each."""
    texts, rules, column = [], [], 1
    for heading in headings:
        text = _latex_heading(heading)
        if heading.text or heading.latex is not None:
            text = rf"\multicolumn{{{heading.width}}}{{c}}{{{text}}}"
            rules.append(rf"\cmidrule(lr){{{column}-{column + heading.width - 1}}}")
        texts.append(text)
        column += heading.width
    return [rf"{_joined(texts).rstrip()} \\", " ".join(rules)]


def _latex_headings(headings: Sequence[Heading]) -> str:
    return _joined([_latex_heading(heading) for heading in headings])


def _joined(texts: Sequence[str]) -> str:
    return " & ".join(texts).replace(" &  & ", " & & ", 1)


def _latex_heading(heading: Heading) -> str:
    return escape_latex(heading.text) if heading.latex is None else heading.latex
