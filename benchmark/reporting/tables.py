"""Tables in the layout of the DisCoM-KD paper: methods in rows, data sets in columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.config import Scenario, Suite
from benchmark.inventory import DatasetSummary
from benchmark.plan import STUDENT, TEACHER, Cell
from benchmark.records import DeploymentResult, Evaluation, Record
from benchmark.statistics import Arrow, compare, mean, standard_deviation
from methods import Kind
from methods.registry import METHODS, PLUGINS

SELECTED = "selected"
LAST = "last"


@dataclass(frozen=True)
class Column:
    """One student of one data set."""

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


@dataclass(frozen=True)
class Entry:
    """One table cell.

    Attributes:
        values: repetition -> weighted F1 in [0, 1], finished runs only.
        expected: number of repetitions that the suite asks for.
        arrow: against STUDENT; None for references and where nothing can be compared.
        best: highest mean of its column among complete cells, TEACHER aside.
    """

    values: Mapping[int, float]
    expected: int
    arrow: Arrow | None = None
    best: bool = False

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
    """One scenario of a suite, one checkpoint rule."""

    scenario: Scenario
    checkpoint: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    entries: Mapping[tuple[Row, Column], Entry]

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
    records: Mapping[str, Record],
) -> list[Table]:
    """Build, per scenario, the table of selected checkpoints and that of last epochs.

    Args:
        suite: the suite that the cells belong to.
        cells: its cells, as planned.
        summaries: its data sets.
        records: finished runs by key; a run that is not in it counts as missing.
    """
    labels = {summary.name: summary.label for summary in summaries}
    own = {name: [cell for cell in cells if cell.scenario is name] for name in suite.scenario}
    return [
        _build(suite, own[scenario], labels, records, scenario, checkpoint)
        for scenario in suite.scenario
        for checkpoint in (SELECTED, LAST)
    ]


def evaluation_of(result: DeploymentResult, checkpoint: str) -> Evaluation:
    """The evaluation of the selected or of the last checkpoint."""
    return result.selected if checkpoint == SELECTED else result.last


def _build(
    suite: Suite,
    cells: Sequence[Cell],
    labels: Mapping[str, str],
    records: Mapping[str, Record],
    scenario: Scenario,
    checkpoint: str,
) -> Table:
    columns = tuple(
        dict.fromkeys(
            Column(
                cell.dataset, labels[cell.dataset], cell.teacher_modality, cell.evaluated_modality
            )
            for cell in cells
            if cell.method == STUDENT
        )
    )
    rows = _rows(suite)
    values: dict[tuple[str, str, Column], dict[int, float]] = {}
    for cell in cells:
        record = records.get(cell.run)
        if record is None:
            continue
        result = record.deployments[cell.evaluated_modality]
        score = evaluation_of(result, checkpoint).test.weighted_f1
        for column in columns:
            if _fills(cell, column):
                found = values.setdefault((cell.method, cell.plugin, column), {})
                found[cell.repetition] = score
    entries: dict[tuple[Row, Column], Entry] = {}
    for column in columns:
        student = values.get((STUDENT, "none", column), {})
        for row in rows:
            found = values.get((row.method, row.plugin, column), {})
            arrow = None if row.method in (TEACHER, STUDENT) else compare(found, student)
            entries[row, column] = Entry(found, len(suite.seeds), arrow)
        for row in _best_rows(rows, column, entries):
            entry = entries[row, column]
            entries[row, column] = Entry(entry.values, entry.expected, entry.arrow, best=True)
    return Table(scenario, checkpoint, columns, rows, entries)


def _fills(cell: Cell, column: Column) -> bool:
    same_teacher = (cell.dataset, cell.teacher_modality) == (column.dataset, column.teacher)
    return same_teacher and (cell.method == TEACHER or cell.evaluated_modality == column.evaluated)


def _rows(suite: Suite) -> tuple[Row, ...]:
    rows = [Row(TEACHER, "none", "TEACHER", "-"), Row(STUDENT, "none", "STUDENT", "-")]
    for method in suite.methods:
        definition = METHODS.get(method.name)
        label = definition.label + method.variant
        if definition.kind is Kind.JOINT:
            rows.append(Row(method.column, "none", label, "-"))
            continue
        for plugin in suite.plugins:
            variant = "ORIG" if plugin == "none" else f"w/ {PLUGINS.get(plugin).label}"
            rows.append(Row(method.column, plugin, label, variant))
    return tuple(rows)


def _best_rows(
    rows: Sequence[Row], column: Column, entries: Mapping[tuple[Row, Column], Entry]
) -> list[Row]:
    """The rows with the highest mean of a column; incomplete cells and TEACHER do not compete."""
    means = {}
    for row in rows:
        entry = entries[row, column]
        if row.method != TEACHER and entry.complete and entry.mean is not None:
            means[row] = entry.mean
    return [row for row, value in means.items() if value == max(means.values())]
