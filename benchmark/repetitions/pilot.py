"""What finished repetitions of a suite say of its comparisons with the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.config import Scenario, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import TEACHER, Cell, Plan, PlannedRun
from benchmark.records.store import ResultStore
from benchmark.reporting.consistency import require_one_setup
from benchmark.reporting.tables import (
    AVERAGE,
    SELECTED,
    Column,
    Entry,
    Row,
    Table,
    build_tables,
    cells_behind,
)
from benchmark.statistics import paired_comparison
from core.errors import UserError


@dataclass(frozen=True)
class PilotComparison:
    """A row against the baseline in one column, over the repetitions that both have.

    Attributes:
        scenario: of the table.
        row: what is compared.
        baseline: with what.
        column: where.
        family: comparisons of the whole table, which Holm's correction covers.
        differences: of the score on the test set in percentage points, one per repetition.
        spread: whether they differ from each other by more than rounding.
        test_to_training: test samples over training samples where each repetition draws its
            split; None where all have the split that came with the data.
        runs: repetition -> the runs that it takes: of both rows and of their teachers.
    """

    scenario: Scenario
    row: Row
    baseline: Row
    column: Column
    family: int
    differences: tuple[float, ...]
    spread: bool
    test_to_training: float | None
    runs: Mapping[int, tuple[PlannedRun, ...]]


def require_comparisons(suite: Suite) -> None:
    """Raise UserError where no table of the suite compares its rows with a baseline."""
    if suite.audit is not None:
        raise UserError(
            f"suite {suite.name} is an audit, whose repetitions are not counted this way; name a "
            "suite that fills a table"
        )
    if suite.compared_with is None:
        raise UserError(
            f"suite {suite.name} has no baseline to compare with; add student to its references, "
            "or name one of its rows as baseline"
        )


def read_pilot(
    suite: Suite, plan: Plan, summaries: Sequence[DatasetSummary], store: ResultStore
) -> list[PilotComparison]:
    """Compare every row but TEACHER with the baseline, in every column but the average.

    Args:
        suite: one that `require_comparisons` passes.
        plan: of the suite.
        summaries: its data sets.
        store: holds what is done.

    Raises:
        UserError: there is nothing to compare, or the records do not belong in one table.
    """
    results = store.results_of(plan.runs)
    require_one_setup(suite, plan.cells, results)
    tables = build_tables(suite, plan.cells, summaries, results)
    found = [
        comparison
        for table in tables
        if table.checkpoint == SELECTED
        for comparison in _compare(table, plan)
    ]
    if not found:
        raise UserError(
            f"suite {suite.name} has no row but its baseline; add a method to compare with it"
        )
    return found


def _compare(table: Table, plan: Plan) -> Sequence[PilotComparison]:
    baseline = table.baseline_row
    if baseline is None:
        return []
    rows = [row for row in table.rows if row != baseline and row.method != TEACHER]
    behind = cells_behind(table, plan.cells)
    found = []
    for column in table.columns:
        if column.dataset == AVERAGE:
            continue
        reference = table.entries[baseline, column]
        for row in rows:
            entry = table.entries[row, column]
            cells = [
                *behind.get((row.method, row.plugin, column), ()),
                *behind.get((baseline.method, baseline.plugin, column), ()),
            ]
            found.append(
                PilotComparison(
                    scenario=table.scenario,
                    row=row,
                    baseline=baseline,
                    column=column,
                    family=len(rows) * len(table.columns),
                    differences=_differences(entry, reference),
                    spread=_has_spread(entry, reference),
                    test_to_training=table.test_to_training[column],
                    runs=_runs(cells, plan),
                )
            )
    return found


def _differences(entry: Entry, reference: Entry) -> tuple[float, ...]:
    shared = sorted(entry.values.keys() & reference.values.keys())
    return tuple(100 * (entry.values[key] - reference.values[key]) for key in shared)


def _has_spread(entry: Entry, reference: Entry) -> bool:
    paired = paired_comparison(entry.values, reference.values)
    return paired is not None and bool(paired.deviation)


def _runs(cells: Sequence[Cell], plan: Plan) -> dict[int, tuple[PlannedRun, ...]]:
    """Repetition -> each run of the cells once, and those that train their teachers."""
    keys: dict[int, dict[str, None]] = {}
    for cell in cells:
        teacher = plan.runs[cell.run].teacher_key
        own = keys.setdefault(cell.repetition, {})
        own.update(dict.fromkeys(filter(None, (teacher, cell.run))))
    return {
        repetition: tuple(plan.runs[key] for key in found) for repetition, found in keys.items()
    }
