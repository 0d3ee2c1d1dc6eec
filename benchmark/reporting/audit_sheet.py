"""What an audit measures: scores under each variant, and how they move the gain over a baseline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.audit import AuditPlan
from benchmark.config import Scenario
from benchmark.inventory import DatasetSummary
from benchmark.plan import TEACHER, Cell
from benchmark.records import Record
from benchmark.reporting.tables import AVERAGE, SELECTED, Column, Row, Table, build_tables
from benchmark.statistics import PairedComparison, holm, paired_comparison

Scores = Mapping[int, float]
Place = tuple[Scenario, Column]
EffectKey = tuple[Place, Row, str]


@dataclass(frozen=True)
class Effect:
    """How a variant moves a row's gain over the baseline, paired over repetitions.

    Attributes:
        comparison: gain under the variant minus gain under the base, in [-2, 2]; None where no
            repetition has both.
        corrected_p: Holm-corrected p-value of the paired t-test over all effects of the audit on
            gains over the same baseline; None where there is no test.
    """

    comparison: PairedComparison | None
    corrected_p: float | None


@dataclass(frozen=True)
class AuditSheet:
    """One student of one data set under every variant of an audit.

    Attributes:
        scenario: what the teacher sees.
        column: the student.
        rows: references and methods.
        variants: their names; the first is the base, the last the target.
        expected: repetitions that the suite asks for.
        scores: repetition -> weighted F1 in [0, 1] of each row under each variant, test set,
            selected checkpoint.
        runs: the runs behind the scores of a row under a variant.
    """

    scenario: Scenario
    column: Column
    rows: tuple[Row, ...]
    variants: tuple[str, ...]
    expected: int
    scores: Mapping[tuple[Row, str], Scores]
    runs: Mapping[tuple[Row, str], frozenset[str]]

    @property
    def place(self) -> Place:
        """What the sheet is about."""
        return self.scenario, self.column

    @property
    def base(self) -> str:
        """Name of the variant that the audit starts from."""
        return self.variants[0]

    def row(self, method: str) -> Row | None:
        """The row of a method without plug-in, None where the sheet has none."""
        return next((r for r in self.rows if (r.method, r.plugin) == (method, "none")), None)

    def changed(self, row: Row, variant: str) -> bool:
        """Whether the variant trains the row otherwise than the base does."""
        return self.runs[row, variant] != self.runs[row, self.base]

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
    records: Mapping[str, Record],
) -> list[AuditSheet]:
    """One sheet per student, data set and scenario, in the order of the suite."""
    tables: dict[str, list[Table]] = {}
    runs: dict[tuple[str, Scenario, str, str, str, str], set[str]] = {}
    for variant in audit.variants:
        own = [cell for cell in cells if cell.suite == variant.suite.name]
        tables[variant.name] = build_tables(variant.suite, own, summaries, records)
        for cell in own:
            place = (cell.dataset, cell.evaluated_modality, cell.method, cell.plugin)
            runs.setdefault((variant.name, cell.scenario, *place), set()).add(cell.run)
    suite = audit.base.suite
    names = tuple(tables)
    sheets = []
    for number, table in enumerate(tables[audit.base.name]):
        if table.checkpoint != SELECTED:
            continue
        for column in table.columns:
            if column.dataset == AVERAGE:
                continue
            keys = {
                (row, name): frozenset(runs.get((name, table.scenario, *_place(column, row)), ()))
                for row in table.rows
                for name in names
            }
            scores = {
                (row, name): tables[name][number].entries[row, column].values
                for row in table.rows
                for name in names
            }
            sheets.append(
                AuditSheet(
                    table.scenario, column, table.rows, names, len(suite.seeds), scores, keys
                )
            )
    return sheets


def gain_effects(sheets: Sequence[AuditSheet], baseline: str) -> dict[EffectKey, Effect]:
    """Every variant's effect on every row's gain over `baseline`, where it can have one.

    The p-values of all of them are one family for Holm's correction.
    """
    comparisons = dict(_comparisons(sheets, baseline))
    corrected = holm({key: c.t_p_value if c else None for key, c in comparisons.items()})
    return {key: Effect(c, corrected[key]) for key, c in comparisons.items()}


def _comparisons(
    sheets: Sequence[AuditSheet], baseline: str
) -> Iterator[tuple[EffectKey, PairedComparison | None]]:
    for sheet in sheets:
        reference = sheet.row(baseline)
        if reference is None:
            continue
        for row in sheet.rows:
            if row == reference or row.method == TEACHER:
                continue
            before = sheet.gain(row, sheet.base, reference)
            for variant in sheet.variants[1:]:
                if sheet.moves(row, variant, reference):
                    after = sheet.gain(row, variant, reference)
                    yield (sheet.place, row, variant), paired_comparison(after, before)


def _place(column: Column, row: Row) -> tuple[str, str, str, str]:
    evaluated = column.teacher if row.method == TEACHER else column.evaluated
    return column.dataset, evaluated, row.method, row.plugin
