"""The records behind a page: what tables leave out, of as many runs as a page has room for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.records.record import DeploymentResult, ProbeResult, Record
from benchmark.records.result import RunResult
from benchmark.reporting.html.blocks import Filter
from benchmark.reporting.html.reported import StoredRecords
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_behind, row_label
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


@dataclass(frozen=True)
class Repetition:
    """One repetition of a row in a column, with its record."""

    cell: Cell
    record: Record

    @property
    def network(self) -> DeploymentResult:
        """The network that is deployed."""
        return self.record.deployments[self.cell.deployment]

    @property
    def scored(self) -> DeploymentResult | ProbeResult | None:
        """What the cell is about: the network or a part of it; None where the record lacks it."""
        if self.cell.evaluate is None:
            return self.network
        return self.network.probes.get(self.cell.evaluate)


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
    behind = cells_behind(table, cells)
    found = []
    for column in columns:
        for row in table.rows:
            read = with_records(behind.get((row.method, row.plugin, column), ()), records)
            if read and _stands(table, row, column):
                found.append(Shown({"column": column_heading(column, table.scenario)}, row, read))
    return found


def with_records(cells: Sequence[Cell], records: Records) -> list[Repetition]:
    """The cells whose records are there."""
    read = records.by_key
    return [Repetition(cell, read[cell.run]) for cell in cells if cell.run in read]


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
