"""The records behind a table: what its scores leave out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmark.planning.plan import Cell
from benchmark.records.record import DeploymentResult, ProbeResult, Record
from benchmark.reporting.tables import Column, Row, Table, cells_behind

# From a run's key to its record; None where it cannot be read.
StoredRecords = Callable[[str], Record | None]


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


def read_repetitions(cells: Iterable[Cell], records: StoredRecords) -> list[Repetition]:
    """The cells of one row in one column whose records can be read."""
    return [Repetition(cell, record) for cell in cells if (record := records(cell.run)) is not None]


def networks_of(
    table: Table,
    columns: Iterable[Column],
    cells: Sequence[Cell],
    records: StoredRecords,
) -> dict[tuple[Column, Row], list[Repetition]]:
    """The repetitions of the rows of some columns, column by column, as far as there are any.

    Args:
        table: the table.
        columns: some of its columns; the average has none.
        cells: of its suite.
        records: from a run's key to its record.
    """
    behind = cells_behind(table, cells)
    found = {}
    for column in columns:
        for row in table.rows:
            own = behind.get((row.method, row.plugin, column), ())
            if read := read_repetitions(own, records):
                found[column, row] = read
    return found
