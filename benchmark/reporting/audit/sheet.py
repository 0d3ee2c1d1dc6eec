"""What an audit measures: scores under each variant, and how they move the gain over a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Scenario, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.published.eligibility import refused_columns
from benchmark.reporting.published.printed import read_published
from benchmark.reporting.tables import (
    AVERAGE,
    SELECTED,
    CellsByEntry,
    Column,
    Row,
    Table,
    build_tables,
    cell_key,
    cells_behind,
)

Scores = Mapping[int, float]
Student = tuple[Scenario, Column]

_PRINTED_IN = {Scenario.CROSS_MODAL: "table1", Scenario.MULTI_MODAL: "table2"}


@dataclass(frozen=True)
class AuditSheet:
    """One student of one data set under every variant of an audit.

    Attributes:
        scenario: what the teacher sees.
        column: the student.
        rows: references and methods.
        variants: their names; the first is the base, the last the target.
        expected: repetitions that the suite asks for.
        scores: repetition -> score in [0, 1] of each row under each variant, test set,
            selected checkpoint.
        cells: of each row under each variant, finished or not, one per repetition.
        test_to_training: test samples over training samples; None where all repetitions have
            the split that came with the data.
        parameters: of the deployed networks, per row under the base.
        printed: percent that the paper prints, for the rows that it has; empty where the data is
            not the paper's.
        metric: what the scores are called.
    """

    scenario: Scenario
    column: Column
    rows: tuple[Row, ...]
    variants: tuple[str, ...]
    expected: int
    scores: Mapping[tuple[Row, str], Scores]
    cells: Mapping[tuple[Row, str], Sequence[Cell]]
    test_to_training: float | None
    parameters: Mapping[Row, tuple[int, ...]]
    printed: Mapping[Row, float]
    metric: str

    @property
    def student(self) -> Student:
        """What the sheet is about."""
        return self.scenario, self.column

    @property
    def base(self) -> str:
        """Name of the variant that the audit starts from."""
        return self.variants[0]

    @property
    def target(self) -> str:
        """Name of the variant that the audit ends at."""
        return self.variants[-1]

    def row(self, method: str) -> Row | None:
        """The row of a method without plug-in, None where the sheet has none."""
        return next((r for r in self.rows if (r.method, r.plugin) == (method, "none")), None)

    def changed(self, row: Row, variant: str) -> bool:
        """Whether the variant trains the row otherwise than the base does."""
        return self.runs(row, variant) != self.runs(row, self.base)

    def runs(self, row: Row, variant: str) -> frozenset[str]:
        """The runs behind the scores of a row under a variant."""
        return frozenset(cell.run for cell in self.cells[row, variant])

    def gain(self, row: Row, variant: str, baseline: Row) -> dict[int, float]:
        """Repetition -> score of `row` minus score of `baseline`, both under `variant`."""
        own, other = self.scores[row, variant], self.scores[baseline, variant]
        return {seed: own[seed] - other[seed] for seed in sorted(own.keys() & other.keys())}

    def moves(self, row: Row, variant: str, baseline: Row) -> bool:
        """Whether the variant can change the gain of `row` over `baseline`."""
        return self.changed(row, variant) or self.changed(baseline, variant)


def build_sheets(
    audit: AuditPlan,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
) -> list[AuditSheet]:
    """One sheet per student, data set and scenario, in the order of the suite."""
    tables: dict[str, list[Table]] = {}
    behind: dict[str, list[CellsByEntry]] = {}
    for variant in audit.variants:
        own = [cell for cell in cells if cell.suite == variant.suite.name]
        built = build_tables(variant.suite, own, summaries, results)
        tables[variant.name] = [table for table in built if table.checkpoint == SELECTED]
        behind[variant.name] = [cells_behind(table, own) for table in tables[variant.name]]
    suite = audit.base.suite
    return [
        _sheet(
            {name: of_variant[number] for name, of_variant in tables.items()},
            {name: of_variant[number] for name, of_variant in behind.items()},
            column,
            len(suite.seeds),
            _printed(suite, table, column, summaries),
        )
        for number, table in enumerate(tables[audit.base.name])
        for column in table.columns
        if column.dataset != AVERAGE
    ]


def _sheet(
    variants: Mapping[str, Table],
    behind: Mapping[str, CellsByEntry],
    column: Column,
    expected: int,
    printed: Mapping[Row, float],
) -> AuditSheet:
    """The sheet of a column that the tables of all variants have; the first is the base."""
    base = next(iter(variants.values()))
    keys = [(row, name) for row in base.rows for name in variants]
    return AuditSheet(
        scenario=base.scenario,
        column=column,
        rows=base.rows,
        variants=tuple(variants),
        expected=expected,
        scores={(row, name): variants[name].entries[row, column].values for row, name in keys},
        cells={
            (row, name): behind[name].get((row.method, row.plugin, column), ())
            for row, name in keys
        },
        # A variant without any run has no ratio.
        test_to_training=max(
            filter(None, (table.test_to_training[column] for table in variants.values())),
            default=None,
        ),
        parameters=base.parameters,
        printed=printed,
        metric=base.metric,
    )


def _printed(
    suite: Suite, table: Table, column: Column, summaries: Sequence[DatasetSummary]
) -> dict[Row, float]:
    """The paper's numbers for a column, where its data is the paper's."""
    published = read_published(_PRINTED_IN[table.scenario])
    if published is None or column in refused_columns(suite, table, summaries, published):
        return {}
    found = {row: published.percent(cell_key(table.scenario, row, column)) for row in table.rows}
    return {row: percent for row, percent in found.items() if percent is not None}
