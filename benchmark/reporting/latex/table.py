"""Grids as LaTeX floats: a caption of few sentences, the table, a legend below it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import Colour, Grid, GridCell, GridRow, Heading, Sign

_COLUMN_CHARACTERS = 54  # of a table that is legible in one of two columns, 8 cm
_LINES = 46  # of a table that leaves room on its page for caption and legend


@dataclass(frozen=True)
class LatexStyle:
    """What LaTeX must know beside the grid.

    Attributes:
        columns: the column types of the tabular.
        small_remarks: whether remarks are in small type.
        gap: what follows the end of a row, such as "[2pt]".
    """

    columns: str
    small_remarks: bool = False
    gap: str = ""


@dataclass(frozen=True)
class LatexText:
    """What stands around a table, as LaTeX code.

    Attributes:
        caption: its sentences, without full stops; the first says what the table shows.
        legend: what its signs and columns mean, likewise.
        label: to refer to it.
    """

    caption: Sequence[str]
    legend: Sequence[str]
    label: str


def latex_floats(parts: Sequence[tuple[Grid, LatexStyle]], text: LatexText) -> list[str]:
    """Grids that are parts of one table, as floats for a file that `latex_file` writes.

    A grid too long for a page is cut. The first float has the caption and the legend, the others
    refer to it.
    """
    pieces = [(piece, style) for grid, style in parts for piece in _pages(grid)]
    title = text.caption[0]
    floats = [_float(*pieces[0], text)]
    for number, piece in enumerate(pieces[1:], 2):
        origin = rf"continued from Table~\ref{{tab:{text.label}}}"
        caption = f"{title}, {origin} ({number} of {len(pieces)})"
        floats.append(_float(*piece, LatexText([caption], [], f"{text.label}-part-{number}")))
    return floats


def characters(grid: Grid) -> float:
    """The width of a grid as LaTeX sets it, in characters of its type, roughly."""
    widths = [1.0] * len(grid.aligned)
    for row in grid.rows:
        _widen(widths, [(cell.width, _cell_characters(cell)) for cell in row.cells])
    for headings in grid.headings:
        _widen(widths, [(heading.width, _heading_characters(heading)) for heading in headings])
    return sum(widths) + len(widths) - 1


def latex_stack(lines: Sequence[str]) -> str:
    """Lines of LaTeX code below each other in one cell."""
    below = r"\\".join(lines)
    return rf"\shortstack{{{below}}}"


def _widen(widths: list[float], row: Sequence[tuple[int, float]]) -> None:
    """Make columns as wide as the cells of a row, (columns, characters) each, need them."""
    column = 0
    for span, needed in row:
        share = needed / span
        widths[column : column + span] = [max(w, share) for w in widths[column : column + span]]
        column += span


def _cell_characters(cell: GridCell) -> float:
    small = len(cell.deviation) + bool(cell.deviation) + len(cell.marks)
    remark = len(cell.remark) + 2 if cell.remark else 0
    if cell.stacked:
        return max(len(cell.text or ""), 0.75 * small, 0.75 * remark)
    notes = len(",".join(map(str, cell.notes)))
    return len(cell.text or "") + 0.75 * (small + remark + notes) + 1.2 * len(cell.signs)


def _heading_characters(heading: Heading) -> float:
    text = heading.text if heading.latex is None else heading.latex
    # A stack is as wide as its longest line; commands are not seen.
    return max((len(line) for line in text.replace(r"\shortstack", "").split(r"\\")), default=0)


def _pages(grid: Grid) -> Iterator[Grid]:
    """A grid in pieces of about equal length that fit a page."""
    lines = 2 if any(cell.stacked for row in grid.rows for cell in row.cells) else 1
    count = max(math.ceil(lines * len(grid.rows) / _LINES), 1)
    length = math.ceil(len(grid.rows) / count) if grid.rows else 1
    for start in range(0, max(len(grid.rows), 1), length):
        yield replace(grid, rows=grid.rows[start : start + length])


def _float(grid: Grid, style: LatexStyle, text: LatexText) -> str:
    """A grid as one float, over both columns of a page where it is wide."""
    environment = "table*" if characters(grid) > _COLUMN_CHARACTERS else "table"
    caption = " ".join(f"{sentence}." for sentence in text.caption)
    lines = [
        rf"\begin{{{environment}}}[t]",
        r"\centering",
        rf"\caption[{{{text.caption[0]}}}]{{{caption}}}",
        rf"\label{{tab:{text.label}}}",
        rf"\fittable{{\begin{{tabular}}{{{style.columns}}}",
        r"\toprule",
        *(line for row in grid.headings[:-1] for line in _groups(row)),
        rf"{_headings(grid.headings[-1])} \\",
        r"\midrule",
        *_rows(grid.rows, style),
        r"\bottomrule",
        r"\end{tabular}}",
    ]
    if text.legend:
        legend = " ".join(f"{sentence}." for sentence in text.legend)
        lines.append(rf"\tablelegend{{{legend}}}")
    return "\n".join([*lines, rf"\end{{{environment}}}"])


def _rows(rows: Sequence[GridRow], style: LatexStyle) -> Iterator[str]:
    for row in rows:
        yield rf"{' & '.join(_cell(cell, style) for cell in row.cells)} \\{style.gap}"
        if row.ruled and row is not rows[-1]:
            yield r"\midrule"


def _cell(cell: GridCell, style: LatexStyle) -> str:
    text = _stacked(cell) if cell.stacked else _line(cell, style)
    return text if cell.width == 1 else rf"\multicolumn{{{cell.width}}}{{c}}{{{text}}}"


def _line(cell: GridCell, style: LatexStyle) -> str:
    text = "--" if cell.text is None else escape_latex(cell.text)
    if cell.signed and text:
        text = f"${text}$"
    if cell.deviation:
        text += rf"{{\tiny$\pm${cell.deviation}}}"
    parts = [rf"\textbf{{{text}}}" if cell.strong else text, *map(_sign, cell.signs)]
    parts.append(_marks(cell))
    if cell.notes:
        parts.append(rf"\textsuperscript{{{','.join(map(str, cell.notes))}}}")
    if cell.remark:
        remark = f"({escape_latex(cell.remark)})"
        parts.append(rf"{{\tiny\,{remark}}}" if style.small_remarks else f" {remark}")
    return "".join(parts)


def _stacked(cell: GridCell) -> str:
    """The parts of a cell below each other, those after the first one smaller."""
    below = [rf"$\pm$ {cell.deviation}"] if cell.deviation else []
    if cell.interval is not None:
        low, high = cell.interval
        below.append(rf"$\pm$ {(high - low) / 2:.1f}")
    below += [f"({escape_latex(cell.remark)})"] if cell.remark else []
    first = ("--" if cell.text is None else escape_latex(cell.text)) + _marks(cell)
    lines = [first, *(rf"{{\tiny {part}}}" for part in below)]
    stack = r"\\".join(lines)
    return first if len(lines) == 1 else rf"\cellstack{{{stack}}}"


def _marks(cell: GridCell) -> str:
    marks = cell.marks.replace("†", r"\dagger")
    return f"$^{{{marks}}}$" if marks else ""


def _sign(sign: Sign) -> str:
    text = escape_latex(sign.text)
    if sign.colour is None:
        return text
    formula = text if text.startswith("$") else f"${text}$"
    return formula if sign.colour is Colour.BLACK else rf"\textcolor{{{sign.colour}}}{{{formula}}}"


def _groups(headings: Sequence[Heading]) -> list[str]:
    """Headings of groups of columns, and a rule below each."""
    texts, rules, column = [], [], 1
    for heading in headings:
        text = _heading(heading)
        if heading.text or heading.latex is not None:
            text = rf"\multicolumn{{{heading.width}}}{{c}}{{{text}}}"
            rules.append(rf"\cmidrule(lr){{{column}-{column + heading.width - 1}}}")
        texts.append(text)
        column += heading.width
    return [rf"{_joined(texts).rstrip()} \\", " ".join(rules)]


def _headings(headings: Sequence[Heading]) -> str:
    return _joined([_heading(heading) for heading in headings])


def _joined(texts: Sequence[str]) -> str:
    return " & ".join(texts).replace(" &  & ", " & & ", 1)


def _heading(heading: Heading) -> str:
    return escape_latex(heading.text) if heading.latex is None else heading.latex
