"""What tuning found: scores before and after, and whether gains outlive equal tuning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.config import Scenario, Suite
from benchmark.planning.configurations import Contender
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import TEACHER, Cell
from benchmark.planning.search_space import SearchSpace
from benchmark.records.result import RunResult
from benchmark.reporting.significance.tested import Tested, tested_family
from benchmark.reporting.tables import (
    AVERAGE,
    SELECTED,
    Column,
    Entry,
    Row,
    Table,
    build_tables,
    row_label,
)
from benchmark.reporting.wording import column_heading
from benchmark.statistics import PairedComparison, paired_comparison
from benchmark.tuning.drawing import Trial
from benchmark.tuning.plan import TunedPlan, TuningPlan
from benchmark.tuning.scores import TrialScores


@dataclass(frozen=True)
class TunedCell:
    """One row in one column, by default and tuned.

    Attributes:
        contender: which.
        row: in the suite's table.
        column: likewise.
        scenario: likewise.
        space: what its trials chose from.
        trials: in order.
        outcome: how they did.
        default: test scores of the reported repetitions with the default values.
        tuned: those with the best ones.
        change: tuned minus default; as each of the next two, of one family over all cells.
        gain_by_default: over the baseline, both by default; None for the baseline itself.
        gain_tuned: over the baseline, both tuned; likewise.
    """

    contender: Contender
    row: Row
    column: Column
    scenario: Scenario
    space: SearchSpace
    trials: Sequence[Trial]
    outcome: TrialScores
    default: Entry
    tuned: Entry
    change: Tested
    gain_by_default: Tested | None
    gain_tuned: Tested | None

    @property
    def heading(self) -> str:
        """Its column in words."""
        return column_heading(self.column, self.scenario)

    @property
    def label(self) -> str:
        """Its row in words."""
        return row_label(self.row)


def find_cells(
    suite: Suite,
    trials: TuningPlan,
    tuned: TunedPlan,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
) -> list[TunedCell]:
    """Every row but TEACHER in every column but the average, in the order of the suite's tables.

    Args:
        suite: what was tuned.
        trials: its trials.
        tuned: its rows with the best values.
        cells: of the suite as it is.
        summaries: its data sets.
        results: of finished runs by key.
    """
    made_before = build_tables(suite, cells, summaries, results)
    made_after = build_tables(tuned.suite, tuned.plan.cells, summaries, results)
    after = {table.scenario: table for table in made_after if table.checkpoint == SELECTED}
    pairs = [
        pair
        for table in made_before
        if table.checkpoint == SELECTED
        for pair in _pairs(table, after[table.scenario])
    ]
    change = tested_family({pair.contender: pair.compared("tuned", "default") for pair in pairs})
    gained = [pair for pair in pairs if pair.baseline is not None]
    by_default = tested_family({pair.contender: pair.gain("default") for pair in gained})
    gain_tuned = tested_family({pair.contender: pair.gain("tuned") for pair in gained})
    return [
        TunedCell(
            pair.contender,
            pair.row,
            pair.column,
            pair.scenario,
            trials.space_of(pair.contender),
            trials.trials_of(pair.contender),
            tuned.outcomes[pair.contender],
            pair.entries["default"],
            pair.entries["tuned"],
            change[pair.contender],
            by_default.get(pair.contender),
            gain_tuned.get(pair.contender),
        )
        for pair in pairs
    ]


@dataclass(frozen=True)
class _Pair:
    """A row in a column, before and after tuning, and likewise the baseline that it has."""

    scenario: Scenario
    row: Row
    column: Column
    entries: Mapping[str, Entry]
    baseline: Mapping[str, Entry] | None
    test_to_training: float | None

    @property
    def contender(self) -> Contender:
        column = self.column
        names = (column.dataset, column.teacher, column.evaluated)
        return Contender(self.scenario, *names, self.row.method, self.row.plugin)

    def compared(self, one: str, other: str) -> PairedComparison | None:
        return self._compare(self.entries[one], self.entries[other])

    def gain(self, which: str) -> PairedComparison | None:
        assert self.baseline is not None
        return self._compare(self.entries[which], self.baseline[which])

    def _compare(self, one: Entry, other: Entry) -> PairedComparison | None:
        return paired_comparison(one.values, other.values, test_to_training=self.test_to_training)


def _pairs(before: Table, after: Table) -> Iterator[_Pair]:
    for column in before.columns:
        if column.dataset == AVERAGE:
            continue
        entries = {
            row: {
                "default": (entry := before.entries[row, column]),
                "tuned": after.entries.get((row, column), Entry({}, entry.expected)),
            }
            for row in before.rows
            if row.method != TEACHER
        }
        baseline = before.baseline_row
        for row, own in entries.items():
            other = None if baseline is None or row == baseline else entries.get(baseline)
            ratio = before.test_to_training[column]
            yield _Pair(before.scenario, row, column, own, other, ratio)
