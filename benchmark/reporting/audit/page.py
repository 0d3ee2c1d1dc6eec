"""The page of an audit."""

from collections.abc import Mapping, Sequence

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.audit.details import audit_details, opened_by_scores
from benchmark.reporting.audit.findings import BASELINES, OverBaseline
from benchmark.reporting.audit.forest import forest_section
from benchmark.reporting.audit.grid import sheet_grids
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.figures import ReportFigure
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.blocks import Block, Page, Prose, Section, TableBlock
from benchmark.reporting.html.classes import class_block
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.curves import curve_block
from benchmark.reporting.html.details import detail_headings
from benchmark.reporting.html.pictures import picture_sections
from benchmark.reporting.html.provenance import provenance_section, settings_section
from benchmark.reporting.html.shown import Shown, read_records
from benchmark.reporting.html.suite_page import HINT, missing_runs, record_sections, summary_of
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.stored import StoredRecords, read_repetitions
from benchmark.reporting.wording import column_heading


def audit_page(
    suite: Suite,
    audit: AuditPlan,
    title: str,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    sheets: Sequence[AuditSheet],
    found: Mapping[str, OverBaseline],
    small_print: SmallPrint,
    further: Sequence[tuple[str, Grid]],
    figures: Sequence[ReportFigure],
    records: StoredRecords,
    command: Command,
) -> Page:
    """Lay out the report of an audit.

    Args:
        suite: the suite.
        audit: its variants.
        title: of the report.
        cells: of all variants.
        summaries: its data sets.
        results: of finished runs by key.
        sheets: its students.
        found: on the gains over each baseline.
        small_print: sentences on the tables.
        further: grids beside the tables, with their headings.
        figures: that the report shows.
        records: from a run's key to its record.
        command: makes the audit again.
    """
    forest = forest_section(sheets, found)
    sections = [*([forest] if forest else []), *_sheet_sections(sheets, found, small_print)]
    sections += [Section(heading, [TableBlock(grid)]) for heading, grid in further]
    sections += _record_sections(audit, cells, results, sheets, records)
    sections += picture_sections(figures)
    sections += [
        provenance_section(title, cells, summaries, results, command),
        Section("Notes", [Prose(small_print.further, listed=True)], folded=True),
        settings_section(suite),
    ]
    return Page(
        title,
        summary_of(suite, cells, results),
        missing_runs(cells, summaries, results),
        sections,
        detail_headings(sheets[0].metric),
        audit_details(audit, sheets, summaries, results, command),
    )


def _sheet_sections(
    sheets: Sequence[AuditSheet], found: Mapping[str, OverBaseline], small_print: SmallPrint
) -> list[Section]:
    sections = []
    reading = Prose([*small_print.reading, HINT])
    for number, sheet in enumerate(sheets):
        blocks: list[Block] = []
        for place, (shown, grid) in enumerate(sheet_grids(sheet, found)):
            # The first grid has the scores, which rest on runs; the others on what it shows.
            opens = {} if place else opened_by_scores(number, sheet)
            blocks += [TableBlock(grid, shown, opens), *([] if number or place else [reading])]
        sections.append(Section(column_heading(sheet.column, sheet.scenario), blocks))
    return sections


def _record_sections(
    audit: AuditPlan,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    sheets: Sequence[AuditSheet],
    stored: StoredRecords,
) -> list[Section]:
    """Classes and curves of all variants."""
    records = read_records(cells, audit.base.suite.seeds, results, stored)
    shown = [
        Shown({"column": column_heading(sheet.column, sheet.scenario), "variant": name}, row, read)
        for sheet in sheets
        for name in sheet.variants
        for row in sheet.rows
        if (read := read_repetitions(sheet.cells[row, name], records.by_key.get))
    ]
    baseline = sheets[0].row(BASELINES[0])
    where = "Under each protocol and switch"
    classes = class_block(shown, baseline, where)
    curves = curve_block(shown, baseline, sheets[0].metric, where)
    return record_sections([classes], [curves], records)
