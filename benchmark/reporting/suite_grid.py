"""The table of a suite laid out as a grid."""

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
from benchmark.reporting.latex.table import latex_stack
from benchmark.reporting.tables import Entry, Row, Table
from benchmark.reporting.wording import (
    BELOW_BEST,
    DIFFERS,
    coverage,
    modality_heading,
    parameter_range,
)
from benchmark.statistics import Arrow
from benchmark.statistics.percent import percent

_COLOURS = {Arrow.UP: Colour.GREEN, Arrow.DOWN: Colour.RED, Arrow.EQUAL: Colour.BLACK}


def suite_grid(table: Table) -> Grid:
    """Methods in rows, data sets and modalities in columns, parameters last."""
    labels = without_repeats(row.label for row in table.rows)
    rows = [
        GridRow(
            [
                GridCell(label),
                GridCell(None if row.variant == "-" else row.variant),
                *_score_cells(table, row),
                GridCell(parameter_range(table.parameters[row], "–")),
            ],
            ruled=row.method == STUDENT,
        )
        for label, row in zip(labels, table.rows, strict=True)
    ]
    aligned = [Align.LEFT] * 2 + [Align.RIGHT] * (len(table.columns) + 1)
    return Grid(_headings(table), aligned, rows)


def _headings(table: Table) -> list[list[Heading]]:
    groups = [
        Heading(label, len(list(own)), _stacked(label))
        for label, own in groupby(table.columns, lambda column: column.label)
    ]
    modalities = [Heading(modality_heading(column, table.scenario)) for column in table.columns]
    return [
        [Heading(), Heading(), *groups, Heading()],
        [
            Heading("method", latex=""),
            Heading(),
            *modalities,
            Heading("parameters (M)", latex="M"),
        ],
    ]


def _stacked(label: str) -> str:
    """A heading in LaTeX whose remark in parentheses stands on a line of its own."""
    name, separator, remark = label.partition(" (")
    if not separator:
        return escape_latex(label)
    return latex_stack([escape_latex(name), f"({escape_latex(remark)}"])


def _score_cells(table: Table, row: Row) -> list[GridCell]:
    if row.method == TEACHER:
        return [_score(entry, width) for entry, width in table.teacher_spans()]
    return [_score(table.entries[row, column]) for column in table.columns]


def _score(entry: Entry, width: int = 1) -> GridCell:
    mean, std = entry.mean, entry.std  # each is computed anew when it is asked for
    remark = coverage(len(entry.values), entry.expected)
    if mean is None:
        return GridCell(None, remark=remark, width=width)
    return GridCell(
        percent(mean),
        deviation="" if std is None else percent(std),
        signs=(Sign(entry.arrow, _COLOURS[entry.arrow]),) if entry.arrow else (),
        marks=DIFFERS * entry.differs + BELOW_BEST * entry.below_best,
        remark=remark,
        strong=entry.best,
        width=width,
    )
