"""What a page shows of records, of as many runs as it has room for, and how it is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.records.record import Record
from benchmark.records.result import RunResult
from benchmark.reporting.html.blocks import Filter
from benchmark.reporting.stored import Repetition, StoredRecords, networks_of
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, row_label
from benchmark.reporting.wording import column_heading

MOST_RUNS = 600
# Fields that tell where a row of data belongs -> what is chosen by them.
_PLACES = {"column": "data", "variant": "protocol"}


@dataclass(frozen=True)
class Records:
    """Some records of a suite.

    Attributes:
        by_key: the records.
        left_out: a sentence on finished runs that are not among them; "" where all are.
    """

    by_key: Mapping[str, Record]
    left_out: str


class Shown(NamedTuple):
    """A row in one place of a report, with what is read of its repetitions, at least one.

    `place` has the fields by which it is chosen, the method aside.
    """

    place: Mapping[str, str]
    row: Row
    repetitions: Sequence[Repetition]


def read_records(
    cells: Sequence[Cell],
    seeds: Sequence[int],
    results: Mapping[str, RunResult],
    records: StoredRecords,
) -> Records:
    """Read records of finished runs, the first repetitions first, up to `MOST_RUNS`.

    Args:
        cells: of the suite.
        seeds: its repetitions in order.
        results: of finished runs by key.
        records: from a run's key to its record.
    """
    order = {number: place for place, number in enumerate(seeds)}
    ordered = sorted(cells, key=lambda cell: order[cell.repetition])
    finished = list(dict.fromkeys(cell.run for cell in ordered if cell.run in results))
    found = {key: record for key in finished[:MOST_RUNS] if (record := records(key)) is not None}
    missing = len(finished) - len(found)
    sentence = (
        f"{missing} of {len(finished)} finished runs are not shown here; "
        "'python run_benchmark.py show KEY' shows any of them."
    )
    return Records(found, sentence if missing else "")


def shown_rows(table: Table, cells: Sequence[Cell], records: Records) -> list[Shown]:
    """The rows of a table in each of its columns, as far as records are there."""
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    found = networks_of(table, columns, cells, records.by_key.get)
    return [
        Shown({"column": column_heading(column, table.scenario)}, row, repetitions)
        for (column, row), repetitions in found.items()
        if _stands(table, row, column)
    ]


def filters_of(shown: Sequence[Shown]) -> list[Filter]:
    """Choices of a place and of a method; the first that is no reference is chosen at first."""
    places = [
        Filter(field, label, options)
        for field, label in _PLACES.items()
        if (options := list(dict.fromkeys(one.place[field] for one in shown if field in one.place)))
    ]
    methods = list(dict.fromkeys(row_label(one.row) for one in shown))
    compared = (row_label(one.row) for one in shown if one.row.method not in (TEACHER, STUDENT))
    first = next(compared, methods[0])
    ordered = [first, *(name for name in methods if name != first)]
    return [*places, Filter("method", "method", ordered)]


def _stands(table: Table, row: Row, column: Column) -> bool:
    """Whether a row has something of its own in a column: a teacher stands in its first one."""
    if row.method != TEACHER:
        return True
    alike = (other for other in table.columns if other.dataset == column.dataset)
    return next(other for other in alike if other.teacher == column.teacher) == column
