"""What a click on a score of an audit opens."""

from collections.abc import Mapping, Sequence

from benchmark.planning.audit import AuditPlan
from benchmark.planning.inventory import DatasetSummary
from benchmark.records.result import RunResult
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.html.blocks import Detail
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.details import asked_names, repetition_line, repetitions_fact
from benchmark.reporting.tables import Entry, Row, row_label
from benchmark.reporting.wording import column_heading

_LABELS = 1  # cells of a row before its scores: the method


def audit_details(
    audit: AuditPlan,
    sheets: Sequence[AuditSheet],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    command: Command,
) -> dict[str, Detail]:
    """The details of all scores, by the id that `opened_by_scores` gives.

    Args:
        audit: the audit.
        sheets: its students.
        summaries: the data sets.
        results: of finished runs by key.
        command: makes the audit again.
    """
    methods = {entry.column: entry for entry in audit.base.suite.methods}
    datasets = asked_names(audit.base.suite, summaries)
    found = {}
    for number, sheet in enumerate(sheets):
        heading = column_heading(sheet.column, sheet.scenario)
        for row in sheet.rows:
            for variant in sheet.variants:
                own = sheet.cells[row, variant]
                found[_id(number, sheet, row, variant)] = Detail(
                    f"{row_label(row)}, {heading}, {variant}",
                    repetitions_fact(Entry(sheet.scores[row, variant], sheet.expected)),
                    [repetition_line(cell, results.get(cell.run)) for cell in own],
                    command.cell(
                        datasets[sheet.column.dataset], methods.get(row.method), row.plugin
                    ),
                )
    return found


def opened_by_scores(number: int, sheet: AuditSheet) -> dict[tuple[int, int], str]:
    """Which details the cells of a sheet's scores open: (row, cell of that row) -> id.

    Args:
        number: place of the sheet in the audit.
        sheet: the sheet.
    """
    return {
        (place, position): _id(number, sheet, row, variant)
        for place, row in enumerate(sheet.rows)
        for position, variant in enumerate(sheet.variants, _LABELS)
    }


def _id(number: int, sheet: AuditSheet, row: Row, variant: str) -> str:
    return f"{number}-{sheet.rows.index(row)}-{sheet.variants.index(variant)}"
