"""What a click on a cell of a table opens: its repetitions, and the command that makes it again."""

from collections.abc import Mapping, Sequence

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.blocks import Detail
from benchmark.reporting.html.command import Command
from benchmark.reporting.tables import (
    AVERAGE,
    LAST,
    SELECTED,
    Column,
    Entry,
    Row,
    Table,
    cells_behind,
    row_label,
    scores_of,
)
from benchmark.reporting.wording import column_heading, counted
from benchmark.statistics.percent import percent

Line = tuple[str | int | float | None, ...]
_LABELS = 2  # cells of a row before its scores: method and variant


def detail_headings(metric: str) -> tuple[str, ...]:
    """The columns of all details."""
    return (
        "repetition",
        f"test {metric}, %",
        f"validation {metric}, %",
        "selected epoch",
        f"test {metric} of the last epoch, %",
        "training / validation / test samples",
        "seconds",
        "key of the run",
    )


def repetition_line(cell: Cell, result: RunResult | None) -> Line:
    """One repetition, as long as `detail_headings`; of an unfinished run its key alone."""
    selected = None if result is None else scores_of(result, cell, SELECTED)
    last = None if result is None else scores_of(result, cell, LAST)
    if result is None or selected is None or last is None:
        return (cell.repetition, *[None] * 6, cell.run)
    sizes = (result.train_samples, result.validation_samples, result.test_samples)
    return (
        cell.repetition,
        percent(selected.test.headline),
        percent(selected.validation.headline),
        selected.epoch + 1,
        percent(last.test.headline),
        " / ".join(map(str, sizes)),
        f"{result.seconds:.1f}",
        cell.run,
    )


def table_details(
    suite: Suite,
    table: Table,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    command: Command,
) -> dict[str, Detail]:
    """The details of all cells of a table but averages, by the id that `opened_by` gives.

    Args:
        suite: the suite.
        table: of it.
        cells: of the suite.
        summaries: its data sets.
        results: of finished runs by key.
        command: makes the suite again.
    """
    methods = {entry.column: entry for entry in suite.methods}
    datasets = asked_names(suite, summaries)
    behind = cells_behind(table, cells)
    found = {}
    for row in table.rows:
        for column in table.columns:
            filled = behind.get((row.method, row.plugin, column), ())
            if not filled:
                continue
            seen = f"{column.label} {column.teacher}"
            heading = seen if row.method == TEACHER else column_heading(column, table.scenario)
            found[_id(table, row, column)] = Detail(
                f"{row_label(row)}, {heading}",
                repetitions_fact(table.entries[row, column]),
                [repetition_line(cell, results.get(cell.run)) for cell in filled],
                command.cell(datasets[column.dataset], methods.get(row.method), row.plugin),
            )
    return found


def asked_names(suite: Suite, summaries: Sequence[DatasetSummary]) -> dict[str, str]:
    """Name of a data set in a table -> its name on the command line."""
    described = zip(suite.datasets, summaries, strict=True)
    return {summary.name: entry.name for entry, summary in described}


def opened_by(table: Table, grid: Grid) -> dict[tuple[int, int], str]:
    """Which details the cells of a table's grid open: (row, cell of that row) -> id."""
    found = {}
    for number, (row, line) in enumerate(zip(table.rows, grid.rows, strict=True)):
        place = 0
        for position, cell in enumerate(line.cells[_LABELS:-1], _LABELS):
            column = table.columns[place]
            if column.dataset != AVERAGE:
                found[number, position] = _id(table, row, column)
            place += cell.width
    return found


def _id(table: Table, row: Row, column: Column) -> str:
    """Both checkpoints of a cell have the same details."""
    return f"{table.scenario.value}-{table.rows.index(row)}-{table.columns.index(column)}"


def repetitions_fact(entry: Entry) -> list[str]:
    """Mean and spread of a cell, and how many repetitions are missing, as sentences."""
    missing = entry.expected - len(entry.values)
    facts = []
    if entry.mean is not None:
        spread = "" if entry.std is None else f" ± {percent(entry.std)}"
        facts.append(f"{percent(entry.mean)}{spread} over {counted(len(entry.values))}.")
    if missing:
        facts.append(f"{missing} of {entry.expected} repetitions are not done.")
    return facts
