"""The page of an audit."""

from collections.abc import Mapping, Sequence

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.audit.details import audit_details, opened_by_scores
from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.forest import forest_section
from benchmark.reporting.audit.grid import sheet_grids
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.blocks import Block, Page, Prose, Section, TableBlock
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.details import detail_headings
from benchmark.reporting.html.provenance import provenance_section, settings_section
from benchmark.reporting.html.suite_page import missing_runs, summary_of
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
    notes: Sequence[str],
    further: Sequence[tuple[str, Grid]],
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
        notes: sentences on the tables.
        further: grids beside the tables, with their headings.
        command: makes the audit again.
    """
    forest = forest_section(sheets, found)
    sections = [*([forest] if forest else []), *_sheet_sections(sheets, found)]
    sections += [Section(heading, [TableBlock(grid)]) for heading, grid in further]
    sections += [
        provenance_section(title, cells, summaries, results, command),
        Section("Notes", [Prose(notes, listed=True)], folded=True),
        settings_section(suite),
    ]
    return Page(
        title,
        summary_of(suite, cells, results),
        missing_runs(cells, summaries, results),
        sections,
        detail_headings(sheets[0].metric),
        audit_details(audit, sheets, cells, summaries, results, command),
    )


def _sheet_sections(
    sheets: Sequence[AuditSheet], found: Mapping[str, OverBaseline]
) -> list[Section]:
    sections = []
    for number, sheet in enumerate(sheets):
        blocks: list[Block] = []
        for place, (shown, grid) in enumerate(sheet_grids(sheet, found)):
            # The first grid has the scores, which rest on runs; the others on what it shows.
            opens = {} if place else opened_by_scores(number, sheet)
            blocks.append(TableBlock(grid, shown, opens))
        sections.append(Section(column_heading(sheet.column, sheet.scenario), blocks))
    return sections
