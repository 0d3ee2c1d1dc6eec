"""Tables in the layout of the DisCoM-KD paper: methods in rows, data sets in columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from benchmark.planning.config import MethodEntry, Scenario, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.method_settings import method_of
from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.result import CheckpointScores, RunResult
from benchmark.statistics import (
    Arrow,
    compare,
    mean,
    mean_of_columns,
    standard_deviation,
)
from benchmark.tasks import TASKS
from methods import Kind
from methods.registry import METHODS, PLUGINS, takes_plugins

SELECTED = "selected"
LAST = "last"
AVERAGE = "average"


@dataclass(frozen=True)
class Column:
    """One student of one data set, or the average over all (`dataset` is then AVERAGE)."""

    dataset: str
    label: str
    teacher: str
    evaluated: str


@dataclass(frozen=True)
class Row:
    """One method, with or without a plug-in; TEACHER and STUDENT are rows too."""

    method: str
    plugin: str
    label: str
    variant: str


EntryKey = tuple[Row, Column]
# (method, plug-in, column) -> the cells of its repetitions.
CellsByEntry = dict[tuple[str, str, Column], list[Cell]]
# (method, plug-in, column) -> repetition -> score.
_Values = dict[tuple[str, str, Column], dict[int, float]]


class CellKey(NamedTuple):
    """What tells the cells of a table apart by name, in ours as in a printed one.

    `evaluated` of a teacher is its own modality, of an average "".
    """

    scenario: Scenario
    dataset: str
    evaluated: str
    method: str
    plugin: str


@dataclass(frozen=True)
class Entry:
    """One table cell.

    Attributes:
        values: repetition -> score in [0, 1], finished runs only.
        expected: number of repetitions that the suite asks for.
        arrow: against the baseline; None for references and where nothing can be compared.
        best: highest mean of its column among complete cells, TEACHER aside.
        differs: differs from the baseline by a corrected test.
        below_best: falls short of the best of its column by a corrected test.
    """

    values: Mapping[int, float]
    expected: int
    arrow: Arrow | None = None
    best: bool = False
    differs: bool = False
    below_best: bool = False

    @property
    def mean(self) -> float | None:
        """Mean over repetitions."""
        return mean(self.values)

    @property
    def std(self) -> float | None:
        """Standard deviation over repetitions, divisor n - 1."""
        return standard_deviation(self.values)

    @property
    def complete(self) -> bool:
        """Whether every repetition is there."""
        return len(self.values) == self.expected


@dataclass(frozen=True)
class Table:
    """One scenario of a suite, one checkpoint rule.

    Attributes:
        scenario: of all its cells.
        checkpoint: SELECTED or LAST.
        columns: one per student, and the average where the suite asks for it.
        rows: references first.
        entries: every row in every column.
        parameters: per row, the parameter counts of the networks that its cells deploy.
        baseline: the method that the others are compared with; None where there is none.
        metric: what its scores are called.
        test_to_training: test samples over training samples of each column's runs; None where all
            repetitions have the split that came with the data. Of the average it is the largest.
    """

    scenario: Scenario
    checkpoint: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    entries: Mapping[EntryKey, Entry]
    parameters: Mapping[Row, tuple[int, ...]]
    baseline: str | None
    metric: str
    test_to_training: Mapping[Column, float | None]

    @property
    def baseline_row(self) -> Row | None:
        """The row of the baseline; None where there is none."""
        return next((row for row in self.rows if row.method == self.baseline), None)

    def teacher_spans(self) -> list[tuple[Entry, int]]:
        """The TEACHER entries from left to right, and over how many columns each stands."""
        teacher_row = self.rows[0]
        spans: list[tuple[Entry, int]] = []
        previous: tuple[str, str] | None = None
        for column in self.columns:
            identity = (column.dataset, column.teacher)
            if identity == previous:
                entry, width = spans[-1]
                spans[-1] = (entry, width + 1)
            else:
                spans.append((self.entries[teacher_row, column], 1))
            previous = identity
        return spans


def build_tables(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
) -> list[Table]:
    """Build, per scenario, the table of selected checkpoints and that of last epochs.

    Args:
        suite: the suite that the cells belong to.
        cells: its cells, as planned.
        summaries: its data sets.
        results: of finished runs by key; a run that is not in it counts as missing.
    """
    by_name = {summary.name: summary for summary in summaries}
    own = {name: [cell for cell in cells if cell.scenario is name] for name in suite.scenario}
    return [
        _build(suite, own[scenario], by_name, results, scenario, checkpoint)
        for scenario in suite.scenario
        for checkpoint in (SELECTED, LAST)
    ]


def metric_of(summaries: Sequence[DatasetSummary]) -> str:
    """What the scores of a suite on these data sets, which are of one task, are called."""
    return TASKS.get(summaries[0].task).scores.headline_label()


def row_label(row: Row) -> str:
    """A row's name with its plug-in, in one text."""
    return row.label if row.variant in ("-", "ORIG") else f"{row.label} {row.variant}"


def method_label(entry: MethodEntry) -> str:
    """The name of a suite's method in tables."""
    return entry.label or METHODS.get(entry.name).label + entry.remark


def cell_key(scenario: Scenario, row: Row, column: Column) -> CellKey:
    """The key of an entry; a teacher is evaluated on what it sees."""
    evaluated = column.teacher if row.method == TEACHER else column.evaluated
    return CellKey(scenario, column.dataset, evaluated, row.method, row.plugin)


def scores_of(result: RunResult, cell: Cell, checkpoint: str) -> CheckpointScores | None:
    """The scores that a cell is about; None where the record lacks them."""
    network = result.network(cell.deployment, cell.evaluate)
    if network is None:
        return None
    return network.selected if checkpoint == SELECTED else network.last


def _build(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Mapping[str, DatasetSummary],
    results: Mapping[str, RunResult],
    scenario: Scenario,
    checkpoint: str,
) -> Table:
    columns = tuple(
        dict.fromkeys(
            Column(
                cell.dataset,
                summaries[cell.dataset].label,
                cell.teacher_modality,
                cell.evaluated_modality,
            )
            for cell in cells
            if cell.method != TEACHER
        )
    )
    rows = _rows(suite)
    values: _Values = {}
    parameters: dict[tuple[str, str], set[int]] = {}
    samples = {column: [0, 0] for column in columns}
    for (method, plugin, column), own_cells in cells_by_entry(cells, columns).items():
        for cell in own_cells:
            result = results.get(cell.run)
            scores = None if result is None else scores_of(result, cell, checkpoint)
            if result is None or scores is None:
                continue
            samples[column][0] += result.test_samples
            samples[column][1] += result.train_samples
            deployed = result.networks[cell.deployment].parameters
            parameters.setdefault((method, plugin), set()).add(deployed)
            found = values.setdefault((method, plugin, column), {})
            found[cell.repetition] = scores.test.headline
    shared = {
        column: None if summaries[column.dataset].one_split or not training else test / training
        for column, (test, training) in samples.items()
    }
    if suite.average:
        average = Column(AVERAGE, "Avg.", columns[0].teacher, "")
        for row in rows:
            own = [values.get((row.method, row.plugin, column), {}) for column in columns]
            values[row.method, row.plugin, average] = mean_of_columns(own)
        shared[average] = max(filter(None, shared.values()), default=None)
        columns = (*columns, average)
    counts = {row: tuple(sorted(parameters.get((row.method, row.plugin), ()))) for row in rows}
    entries = _entries(suite, rows, columns, values)
    baseline = suite.compared_with
    metric = metric_of(list(summaries.values()))
    return Table(scenario, checkpoint, columns, rows, entries, counts, baseline, metric, shared)


def _entries(
    suite: Suite, rows: Sequence[Row], columns: Sequence[Column], values: _Values
) -> dict[EntryKey, Entry]:
    """Every row in every column, with its arrow, and the best of each column marked."""
    entries: dict[EntryKey, Entry] = {}
    for column in columns:
        baseline = values.get((suite.compared_with or "", "none", column), {})
        for row in rows:
            found = values.get((row.method, row.plugin, column), {})
            reference = row.method in (TEACHER, suite.compared_with)
            arrow = None if reference else compare(found, baseline)
            entries[row, column] = Entry(found, len(suite.seeds), arrow)
        for row in _best_rows(rows, column, entries):
            entries[row, column] = replace(entries[row, column], best=True)
    return entries


def cells_behind(table: Table, cells: Iterable[Cell]) -> CellsByEntry:
    """The cells behind each entry of a table, as `cells_by_entry` has them.

    Args:
        table: the table.
        cells: of its suite, those of other scenarios among them.
    """
    own = (cell for cell in cells if cell.scenario is table.scenario)
    return cells_by_entry(own, table.columns)


def cells_by_entry(cells: Iterable[Cell], columns: Iterable[Column]) -> CellsByEntry:
    """The cells of one scenario behind each entry of its table, one per repetition.

    Keys are method, plug-in and column. A TEACHER cell stands in every column with that teacher;
    the average has no cells.
    """
    students: dict[tuple[str, str, str], list[Column]] = {}
    teachers: dict[tuple[str, str], list[Column]] = {}
    for column in columns:
        students.setdefault((column.dataset, column.teacher, column.evaluated), []).append(column)
        teachers.setdefault((column.dataset, column.teacher), []).append(column)
    found: CellsByEntry = {}
    for cell in cells:
        seen = (cell.dataset, cell.teacher_modality)
        filled = (
            teachers.get(seen, ())
            if cell.method == TEACHER
            else students.get((*seen, cell.evaluated_modality), ())
        )
        for column in filled:
            found.setdefault((cell.method, cell.plugin, column), []).append(cell)
    return found


def _rows(suite: Suite) -> tuple[Row, ...]:
    rows = [Row(name, "none", name.upper(), "-") for name in suite.references]
    for method in suite.methods:
        definition = METHODS.get(method.name)
        label = method_label(method)
        if definition.kind is not Kind.DISTILLATION:
            rows.append(Row(method.column, "none", label, "-"))
            continue
        for plugin in (
            suite.plugins if takes_plugins(method_of(method, suite.protocol)) else ("none",)
        ):
            variant = "ORIG" if plugin == "none" else f"w/ {PLUGINS.get(plugin).label}"
            rows.append(Row(method.column, plugin, label, variant))
    return tuple(rows)


def _best_rows(rows: Sequence[Row], column: Column, entries: Mapping[EntryKey, Entry]) -> list[Row]:
    """The rows with the highest mean of a column; incomplete cells and TEACHER do not compete."""
    means = {}
    for row in rows:
        entry = entries[row, column]
        if row.method != TEACHER and entry.complete and entry.mean is not None:
            means[row] = entry.mean
    highest = max(means.values(), default=None)
    return [row for row, value in means.items() if value == highest]
