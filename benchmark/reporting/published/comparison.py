"""Reproduced values beside printed ones, cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.config import Scenario
from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.published.eligibility import REPETITIONS
from benchmark.reporting.published.printed import Oddity, PublishedTable
from benchmark.reporting.tables import (
    SELECTED,
    CellKey,
    Column,
    EntryKey,
    Row,
    Table,
    cell_key,
)
from benchmark.statistics import Arrow, PredictionInterval, prediction_interval

_HALF_UNIT = 0.005  # the paper prints two decimals


@dataclass(frozen=True)
class ComparedCell:
    """One cell; all numbers in percent.

    Attributes:
        mean: our mean over the finished repetitions, unrounded; None where there are none.
        std: its standard deviation (n - 1); None for fewer than two repetitions.
        count: number of finished repetitions.
        expected: number of repetitions that the suite asks for.
        printed: the paper's number; None where it prints none.
        prediction: where one more mean of as many runs as the paper's is expected, 95 %; None
            where our repetitions do not tell.
        arrow: ours against our STUDENT; None for references and without STUDENT.
        printed_arrow: the printed number against the printed STUDENT; None likewise.
        notes: positions, from 1, of the oddities of the comparison that name this cell.
    """

    mean: float | None
    std: float | None
    count: int
    expected: int
    printed: float | None
    prediction: PredictionInterval | None
    arrow: Arrow | None
    printed_arrow: Arrow | None
    notes: tuple[int, ...]

    @property
    def difference(self) -> float | None:
        """Ours minus the printed number, in points; None where one of them is missing."""
        if self.mean is None or self.printed is None:
            return None
        return self.mean - self.printed

    @property
    def predicted(self) -> bool | None:
        """Whether the printed number lies in the prediction; None where one of them is missing."""
        if self.prediction is None or self.printed is None:
            return None
        return self.prediction.holds(self.printed, _HALF_UNIT)

    @property
    def agrees(self) -> bool | None:
        """Whether both arrows are the same; None where one of them is missing."""
        if self.arrow is None or self.printed_arrow is None:
            return None
        return self.arrow is self.printed_arrow


@dataclass(frozen=True)
class Comparison:
    """One scenario of a suite beside the printed table of the same name.

    Attributes:
        scenario: the scenario.
        columns: the compared columns.
        rows: those with a printed number in one of these columns.
        cells: every compared cell.
        oddities: those of the printed table that bear on these cells.
        unprinted: rows of the suite that the paper does not have.
        absent: (method, plug-in) of printed rows that the suite does not have.
    """

    scenario: Scenario
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: Mapping[EntryKey, ComparedCell]
    oddities: tuple[Oddity, ...]
    unprinted: tuple[Row, ...]
    absent: tuple[tuple[str, str], ...]

    @property
    def predicted(self) -> tuple[int, int]:
        """How many printed numbers lie in their predictions, and how many have one."""
        found = [cell.predicted for cell in self.cells.values() if cell.predicted is not None]
        return sum(found), len(found)

    @property
    def agreement(self) -> tuple[int, int]:
        """How many arrows agree, and how many can be compared."""
        found = [cell.agrees for cell in self.cells.values() if cell.agrees is not None]
        return sum(found), len(found)


def compare_with_published(
    table: Table, printed: PublishedTable, columns: Sequence[Column]
) -> Comparison:
    """Compare some columns of a table with the printed one.

    Args:
        table: a table of selected checkpoints.
        printed: the paper's table.
        columns: the columns of `table` whose data is the paper's.

    Raises:
        ValueError: a table of last epochs, which the paper does not print.
    """
    if table.checkpoint != SELECTED:
        raise ValueError(f"expected the table of selected checkpoints, not '{table.checkpoint}'")
    keys = {
        (row, column): cell_key(table.scenario, row, column)
        for row in table.rows
        for column in columns
    }
    rows = tuple(
        row
        for row in table.rows
        if any(printed.percent(keys[row, column]) is not None for column in columns)
    )
    names = {column.dataset for column in columns}
    oddities = tuple(
        oddity
        for oddity in printed.oddities
        if (oddity.method is None and (oddity.dataset is None or oddity.dataset in names))
        or any(oddity.concerns(key) for key in keys.values())
    )
    here = {(row.method, row.plugin) for row in rows}
    return Comparison(
        scenario=table.scenario,
        columns=tuple(columns),
        rows=rows,
        cells={
            (row, column): _compared(table, printed, oddities, row, column, keys[row, column])
            for row in rows
            for column in columns
        },
        oddities=oddities,
        unprinted=tuple(row for row in table.rows if row not in rows),
        absent=tuple(
            dict.fromkeys(
                (key.method, key.plugin)
                for key in printed.values
                if key.scenario is table.scenario and (key.method, key.plugin) not in here
            )
        ),
    )


def _compared(
    table: Table,
    printed: PublishedTable,
    oddities: Sequence[Oddity],
    row: Row,
    column: Column,
    key: CellKey,
) -> ComparedCell:
    entry = table.entries[row, column]
    # The paper's arrows are all against STUDENT.
    has_arrow = table.baseline == STUDENT and row.method not in (TEACHER, STUDENT)
    return ComparedCell(
        mean=None if entry.mean is None else 100 * entry.mean,
        std=None if entry.std is None else 100 * entry.std,
        count=len(entry.values),
        expected=entry.expected,
        printed=printed.percent(key),
        prediction=prediction_interval(
            {repetition: 100 * value for repetition, value in entry.values.items()}, REPETITIONS
        ),
        arrow=entry.arrow if has_arrow else None,
        printed_arrow=printed.arrow(key),
        notes=tuple(
            number
            for number, oddity in enumerate(oddities, 1)
            if oddity.method is not None and oddity.concerns(key)
        ),
    )
