"""With what the runs of an audit were made, cell by cell."""

from collections.abc import Mapping, Sequence

from benchmark.planning.plan import TEACHER
from benchmark.records.result import RunResult
from benchmark.reporting.audit.findings import BASELINES
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading
from benchmark.reporting.settings import Setting, setting_names, setting_of
from benchmark.reporting.tables import Row, row_label
from benchmark.reporting.wording import column_heading


def sheet_setting_grids(
    sheets: Sequence[AuditSheet], results: Mapping[str, RunResult]
) -> list[Grid]:
    """The names of the settings in the place of each sheet's scores; none where all have one."""
    keys = {cell.run for sheet in sheets for cells in sheet.cells.values() for cell in cells}
    names = setting_names(results[key] for key in sorted(keys) if key in results)
    if len(names) < 2:
        return []
    return [_grid(sheet, names, results) for sheet in sheets]


def audit_mixtures(
    sheets: Sequence[AuditSheet], results: Mapping[str, RunResult]
) -> dict[str, list[Row]]:
    """Per student, the rows whose gains or effects rest on runs of more than one setting."""
    mixed: dict[str, list[Row]] = {}
    for sheet in sheets:
        references = [row for row in map(sheet.row, BASELINES) if row is not None]
        for row in sheet.rows:
            found = {
                setting
                for one in (row, *references)
                for variant in sheet.variants
                for setting in _settings(sheet, one, variant, results)
            }
            if row.method != TEACHER and len(found) > 1:
                mixed.setdefault(column_heading(sheet.column, sheet.scenario), []).append(row)
    return mixed


def _settings(
    sheet: AuditSheet, row: Row, variant: str, results: Mapping[str, RunResult]
) -> set[Setting]:
    return {setting_of(results[key]) for key in sheet.runs(row, variant) if key in results}


def _grid(
    sheet: AuditSheet, names: Mapping[Setting, str], results: Mapping[str, RunResult]
) -> Grid:
    rows = [
        GridRow(
            [
                GridCell(row_label(row)),
                *(
                    GridCell(
                        " ".join(
                            sorted(names[one] for one in _settings(sheet, row, variant, results))
                        )
                        or None
                    )
                    for variant in sheet.variants
                ),
            ]
        )
        for row in sheet.rows
    ]
    headings = [Heading(text) for text in ("method", *sheet.variants)]
    return Grid([headings], [Align.LEFT] * len(headings), rows)
