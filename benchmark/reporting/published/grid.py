"""A comparison with a printed table laid out as grids, one per data set."""

from collections.abc import Sequence
from itertools import groupby

from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import (
    Align,
    Colour,
    Grid,
    GridCell,
    GridRow,
    Heading,
    Sign,
    without_repeats,
)
from benchmark.reporting.published.comparison import ComparedCell, Comparison
from benchmark.reporting.tables import Column, Row
from benchmark.reporting.wording import DIFFERS, column_heading, coverage, modality_heading

_PARTS = (Heading("ours"), Heading("printed"), Heading("difference", latex="diff."))
_ARROWS = Heading("arrows", latex=r"$\uparrow\downarrow$")


def column_groups(comparison: Comparison) -> list[tuple[Column, ...]]:
    """The columns of one data set and teacher together, which is one table."""
    grouped = groupby(comparison.columns, lambda column: (column.dataset, column.teacher))
    return [tuple(columns) for _, columns in grouped]


def group_heading(comparison: Comparison, columns: Sequence[Column]) -> str:
    """The data set; where a group is one column, its modalities too."""
    if len(columns) > 1:
        return columns[0].label
    return column_heading(columns[0], comparison.scenario)


def has_arrows(comparison: Comparison, columns: Sequence[Column]) -> bool:
    """Whether any arrow can be compared; not so in a table without STUDENT."""
    return any(
        comparison.cells[row, column].agrees is not None
        for row in comparison.rows
        for column in columns
    )


def comparison_grid(comparison: Comparison, columns: Sequence[Column]) -> Grid:
    """Our number, the printed one, their difference and, if any, both arrows of each column."""
    parts = [*_PARTS, *([_ARROWS] if has_arrows(comparison, columns) else [])]
    labels = without_repeats(row.label for row in comparison.rows)
    rows = [
        GridRow(
            [GridCell(label), _variant(row, columns), *_row_cells(comparison, row, columns, parts)],
            ruled=row.method == STUDENT,
        )
        for label, row in zip(labels, comparison.rows, strict=True)
    ]
    alignment = [Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.CENTRE][: len(parts)]
    headings = [
        [Heading(), Heading(), *_groups(comparison, columns, len(parts))],
        [Heading("method", latex=""), Heading(), *parts * len(columns)],
    ]
    return Grid(headings, [Align.LEFT] * 2 + alignment * len(columns), rows)


def _groups(comparison: Comparison, columns: Sequence[Column], width: int) -> list[Heading]:
    # A group of one column has its modalities in the heading above, but in LaTeX in the table too.
    modalities = [modality_heading(column, comparison.scenario) for column in columns]
    return [
        Heading(text if len(columns) > 1 else "", width, escape_latex(text)) for text in modalities
    ]


def _variant(row: Row, columns: Sequence[Column]) -> GridCell:
    """The variant of a row; of TEACHER the modality that it sees."""
    variant = columns[0].teacher if row.method == TEACHER else row.variant
    return GridCell(None if variant == "-" else variant)


def _row_cells(
    comparison: Comparison, row: Row, columns: Sequence[Column], parts: Sequence[Heading]
) -> list[GridCell]:
    cells: list[GridCell] = []
    for number, column in enumerate(columns):
        # TEACHER is the same for all columns of a group, and stands in the first.
        repeated = row.method == TEACHER and number > 0
        found = [GridCell()] * 4 if repeated else _compared(comparison.cells[row, column])
        cells += found[: len(parts)]
    return cells


def _compared(cell: ComparedCell) -> list[GridCell]:
    return [
        GridCell(
            None if cell.mean is None else f"{cell.mean:.2f}",
            deviation="" if cell.std is None else f"{cell.std:.2f}",
            remark=coverage(cell.count, cell.expected),
        ),
        GridCell(None if cell.printed is None else f"{cell.printed:.2f}", notes=cell.notes),
        GridCell(
            _points(cell.difference),
            deviation=_margin(cell),
            marks=DIFFERS * (cell.predicted is False),
            signed=True,
        ),
        GridCell(signs=_arrows(cell)),
    ]


def _margin(cell: ComparedCell) -> str:
    """Half of the prediction interval; "" where nothing is compared with it."""
    if cell.prediction is None or cell.printed is None:
        return ""
    return f"{(cell.prediction.high - cell.prediction.low) / 2:.2f}"


def _points(difference: float | None) -> str:
    """A difference in points with its sign; "" where there is none, and no sign for zero."""
    if difference is None:
        return ""
    rounded = f"{difference:+.2f}"
    return "0.00" if rounded in ("+0.00", "-0.00") else rounded


def _arrows(cell: ComparedCell) -> tuple[Sign, ...]:
    if cell.arrow is None or cell.printed_arrow is None:
        return ()
    differ = () if cell.agrees else (Sign("≠", Colour.RED),)
    return Sign(cell.arrow), Sign(cell.printed_arrow), *differ
