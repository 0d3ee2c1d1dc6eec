"""The page of a suite: which parts its report has, in which order."""

from collections.abc import Mapping, Sequence

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.blocks import Detail, Page, Prose, Section, TableBlock
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.details import detail_headings, opened_by, table_details
from benchmark.reporting.html.gains import gain_section
from benchmark.reporting.html.provenance import provenance_section, settings_section
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import table_heading


def suite_page(
    suite: Suite,
    title: str,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    analysed: Sequence[tuple[Table, Significance]],
    notes: Sequence[str],
    further: Sequence[tuple[str, Grid]],
    command: Command,
) -> Page:
    """Lay out the report of a suite.

    Args:
        suite: the suite.
        title: of the report.
        cells: of the suite.
        summaries: its data sets.
        results: of finished runs by key.
        analysed: its tables with what their numbers support.
        notes: sentences on the tables.
        further: grids beside the tables, with their headings.
        command: makes the suite again.
    """
    selected = [(table, found) for table, found in analysed if table.checkpoint == SELECTED]
    sections = [_table_section(table) for table, _ in analysed]
    sections += [part for part in (gain_section(selected),) if part is not None]
    sections += [Section(heading, [TableBlock(grid)]) for heading, grid in further]
    sections += [
        provenance_section(title, cells, summaries, results, command),
        Section("Notes", [Prose(notes, listed=True)], folded=True),
        settings_section(suite),
    ]
    details: dict[str, Detail] = {}
    for table, _ in selected:
        details |= table_details(suite, table, cells, summaries, results, command)
    return Page(
        title,
        summary_of(suite, cells, results),
        missing_runs(cells, summaries, results),
        sections,
        detail_headings(analysed[0][0].metric),
        details,
    )


def _table_section(table: Table) -> Section:
    grid = suite_grid(table)
    block = TableBlock(grid, opens=opened_by(table, grid))
    last = table.checkpoint != SELECTED
    short = f"Table, {table.scenario.value.replace('_', '-')}{', last epoch' if last else ''}"
    return Section(table_heading(table), [block], folded=last, short=short)


def summary_of(suite: Suite, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> str:
    """What a page holds, in one line."""
    runs = {cell.run for cell in cells}
    done = len(runs & results.keys())
    counted = [
        (len({entry.name for entry in suite.datasets}), "data set"),
        (len(suite.methods), "method"),
        (len(suite.seeds), "repetition"),
    ]
    parts = [f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted]
    return f"{', '.join(parts)}; {done} of {len(runs)} runs done"


def missing_runs(
    cells: Sequence[Cell], summaries: Sequence[DatasetSummary], results: Mapping[str, RunResult]
) -> list[str]:
    """What is not done, a sentence for each data set."""
    labels = {summary.name: summary.label for summary in summaries}
    missing: dict[str, dict[str, set[int]]] = {}
    for cell in cells:
        if cell.run not in results:
            name = cell.method if cell.plugin == "none" else f"{cell.method} with {cell.plugin}"
            missing.setdefault(cell.dataset, {}).setdefault(name, set()).add(cell.repetition)
    listed = {
        dataset: "; ".join(f"{name}, {_numbered(found)}" for name, found in methods.items())
        for dataset, methods in missing.items()
    }
    return [f"{labels[dataset]}: {what}." for dataset, what in listed.items()]


def _numbered(repetitions: set[int]) -> str:
    listed = ", ".join(map(str, sorted(repetitions)))
    return f"repetition{'s' * (len(repetitions) > 1)} {listed}"
