"""The rows of a figure that is drawn from records."""

from collections.abc import Sequence

from benchmark.planning.plan import TEACHER, Cell
from benchmark.reporting.class_percents import ClassRow, class_row
from benchmark.reporting.stored import Repetition, StoredRecords, networks_of
from benchmark.reporting.tables import Column, Row, Table


def trained_rows(
    table: Table, column: Column, cells: Sequence[Cell], records: StoredRecords
) -> dict[Row, list[Repetition]]:
    """The repetitions of each row of a column that is a network of its own.

    TEACHER, which is no network of that modality, and parts of networks are left out. The arguments
    are those of `networks_of`.
    """
    found = networks_of(table, [column], cells, records)
    return {
        row: own
        for (_, row), own in found.items()
        if row.method != TEACHER and own[0].cell.evaluate is None
    }


def class_rows(
    table: Table, column: Column, cells: Sequence[Cell], records: StoredRecords
) -> dict[Row, ClassRow]:
    """The classes of each row of `trained_rows` whose records have their scores."""
    return {
        row: classes
        for row, repetitions in trained_rows(table, column, cells, records).items()
        if (classes := class_row(repetitions)) is not None
    }
