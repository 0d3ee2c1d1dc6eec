"""The page of a suite: which parts its report has, in which order."""

from collections.abc import Mapping, Sequence

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.html.blocks import Block, Detail, Page, Prose, Section, TableBlock
from benchmark.reporting.html.classes import class_block
from benchmark.reporting.html.costs import cost_section
from benchmark.reporting.html.curves import curve_block
from benchmark.reporting.html.details import detail_headings, opened_by, table_details
from benchmark.reporting.html.gains import gain_section
from benchmark.reporting.html.pictures import picture_sections
from benchmark.reporting.html.printed import printed_section
from benchmark.reporting.html.provenance import provenance_section, settings_section
from benchmark.reporting.html.reported import Reported
from benchmark.reporting.html.shown import Records, read_records, shown_rows
from benchmark.reporting.html.statistics_part import rank_section, statistics_section
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import scenario_heading, table_heading

HINT = "A click on a score, or Enter, opens its repetitions."


def suite_page(reported: Reported) -> Page:
    """Lay out the report of a suite."""
    suite, cells, results = reported.suite, reported.cells, reported.results
    metric = reported.analysed[0][0].metric
    reading = Prose([*reported.small_print.reading, HINT])
    first, *others = [table for table, _ in reported.selected]
    last = [table for table, _ in reported.analysed if table.checkpoint != SELECTED]
    found = [
        _table_section(first, reading),
        *map(_table_section, others),
        gain_section(reported.selected),
        printed_section(reported.printed, metric),
        *(Section(heading, [TableBlock(grid)]) for heading, grid in reported.further),
        *_record_sections(reported),
        cost_section(reported),
        *picture_sections(reported.figures),
        rank_section(reported),
        statistics_section(reported),
        *map(_table_section, last),
        provenance_section(reported.title, cells, reported.summaries, results, reported.command),
        Section("Notes", [Prose(reported.small_print.further, listed=True)], folded=True),
        settings_section(suite),
    ]
    details: dict[str, Detail] = {}
    for table, _ in reported.selected:
        details |= table_details(suite, table, cells, reported.summaries, results, reported.command)
    return Page(
        reported.title,
        summary_of(suite, cells, results),
        missing_runs(cells, reported.summaries, results),
        [section for section in found if section is not None],
        detail_headings(metric),
        details,
    )


def _record_sections(reported: Reported) -> list[Section]:
    """What only whole records tell: classes and curves."""
    records = read_records(reported.cells, reported.suite.seeds, reported.results, reported.records)
    classes: list[Block | None] = []
    curves: list[Block | None] = []
    for table, _ in reported.selected:
        shown = shown_rows(table, reported.cells, records)
        where = scenario_heading(table.scenario, table.columns)
        classes.append(class_block(shown, table.baseline_row, where))
        curves.append(curve_block(shown, table.baseline_row, table.metric, where))
    return record_sections(classes, curves, records)


def record_sections(
    classes: Sequence[Block | None], curves: Sequence[Block | None], records: Records
) -> list[Section]:
    """The parts of classes and of curves, as far as there are any.

    Args:
        classes: one block for each table.
        curves: likewise.
        records: behind them.
    """
    remark = [Prose([records.left_out])] if records.left_out else []
    parts = {"Classes": classes, "Training": curves}
    return [
        Section(heading, [*found, *remark])
        for heading, blocks in parts.items()
        if (found := [block for block in blocks if block is not None])
    ]


def _table_section(table: Table, *below: Block) -> Section:
    grid = suite_grid(table)
    block = TableBlock(grid, opens=opened_by(table, grid))
    last = table.checkpoint != SELECTED
    short = f"Table, {table.scenario.value.replace('_', '-')}{', last epoch' if last else ''}"
    return Section(table_heading(table), [block, *below], folded=last, short=short)


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
