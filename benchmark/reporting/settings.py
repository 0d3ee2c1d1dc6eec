"""With what the runs behind a table were made, and where one comparison mixes that."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, without_repeats
from benchmark.reporting.tables import EntryKey, Row, Table, cells_behind, row_label
from benchmark.reporting.wording import column_heading


class Setting(NamedTuple):
    """What a run was made with beside its own settings."""

    precision: str
    device: str
    numerics: int

    @property
    def text(self) -> str:
        """In words."""
        return f"{self.precision} on {self.device}, engine version {self.numerics}"


def setting_of(result: RunResult) -> Setting:
    """The setting of a finished run."""
    return Setting(result.precision, result.device, result.numerics)


def setting_names(results: Iterable[RunResult]) -> dict[Setting, str]:
    """A short name for each setting, the most common first."""
    counts = Counter(map(setting_of, results))
    return {setting: f"M{number}" for number, (setting, _) in enumerate(counts.most_common(), 1)}


def setting_notes(results: Collection[RunResult]) -> list[str]:
    """One sentence that lists the settings, and names them where there are several."""
    if not results:
        return []
    counts = Counter(map(setting_of, results))
    names = setting_names(results)
    listed = [
        f"{names[setting]}: " * (len(counts) > 1) + f"{setting.text} ({count} runs)"
        for setting, count in counts.most_common()
    ]
    return [f"Trained with {'; '.join(listed)}."]


def settings_by_entry(
    table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> dict[EntryKey, set[Setting]]:
    """The settings of the runs behind each entry; none for the average."""
    behind = cells_behind(table, cells)
    return {
        (row, column): {
            setting_of(results[cell.run])
            for cell in behind.get((row.method, row.plugin, column), ())
            if cell.run in results
        }
        for row in table.rows
        for column in table.columns
    }


def setting_grid(
    table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> Grid | None:
    """The names of the settings in the place of scores; None where all runs have one."""
    names = setting_names(results[key] for key in _finished(cells, results))
    if len(names) < 2:
        return None
    found = settings_by_entry(table, cells, results)
    headings = ["method", "", *(column_heading(c, table.scenario) for c in table.columns)]
    rows = [
        GridRow(
            [
                GridCell(label),
                GridCell(None if row.variant == "-" else row.variant),
                *(
                    GridCell(" ".join(sorted(names[one] for one in found[row, column])) or None)
                    for column in table.columns
                ),
            ]
        )
        for label, row in zip(without_repeats(r.label for r in table.rows), table.rows, strict=True)
    ]
    return Grid([[Heading(text) for text in headings]], [Align.LEFT] * len(headings), rows)


def table_mixtures(
    table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> dict[str, list[Row]]:
    """Per column, the rows whose runs and the baseline's have more than one setting."""
    found = settings_by_entry(table, cells, results)
    baseline = table.baseline_row
    mixed: dict[str, list[Row]] = {}
    for row, column in found:
        if row.method == TEACHER or row == baseline:
            continue
        other = found[baseline, column] if baseline is not None else set()
        if len(found[row, column] | other) > 1:
            mixed.setdefault(column_heading(column, table.scenario), []).append(row)
    return mixed


def mixture_notes(mixed: Mapping[str, Sequence[Row]]) -> list[str]:
    """One sentence on the comparisons that mix settings; none where no comparison does."""
    if not mixed:
        return []
    listed = "; ".join(
        f"{heading}: {', '.join(map(row_label, rows))}" for heading, rows in mixed.items()
    )
    return [f"Comparisons that mix runs of different settings: {listed}."]


def _finished(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> dict[str, None]:
    return dict.fromkeys(cell.run for cell in cells if cell.run in results)
