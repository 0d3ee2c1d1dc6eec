"""Tables as Markdown."""

from collections.abc import Sequence

from benchmark.planning.config import Scenario
from benchmark.planning.plan import TEACHER
from benchmark.reporting.tables import LAST, Column, Entry, Row, Table

DIFFERS = "*"  # from the baseline, by a corrected test
BELOW_BEST = "†"  # short of the best of the column, by a corrected test


def render_markdown(title: str, tables: Sequence[Table], notes: Sequence[str]) -> str:
    """Render a report: each table with its heading, then the notes."""
    lines = [f"# {title}", ""]
    for table in tables:
        lines += [f"## {table_heading(table)}", "", *_table_lines(table), ""]
    lines += [f"- {note}" for note in notes]
    return "\n".join(lines) + "\n"


def table_heading(table: Table) -> str:
    """What a table shows, in one line."""
    if all(row.method != TEACHER and row.variant == "-" for row in table.rows):
        shown = "One network per modality, trained without a teacher"
    else:
        shown = scenario_heading(table.scenario)
    return shown + (" (last epoch instead of best checkpoint)" if table.checkpoint == LAST else "")


def scenario_heading(scenario: Scenario) -> str:
    """What the tables of a scenario show, in one line."""
    return (
        "Cross-modal: the teacher sees one modality, the student another"
        if scenario is Scenario.CROSS_MODAL
        else "Multi-modal: the teacher sees all modalities, the student one"
    )


def column_heading(column: Column, scenario: Scenario, arrow: str) -> str:
    """The modalities of a column; "" for the average."""
    if scenario is Scenario.CROSS_MODAL and column.evaluated:
        return f"{column.teacher} {arrow} {column.evaluated}"
    return column.evaluated


def format_number(entry: Entry) -> str | None:
    """Mean and deviation in percent, without marks; None where no run is done."""
    if entry.mean is None:
        return None
    deviation = "" if entry.std is None else f" ± {100 * entry.std:.2f}"
    return f"{100 * entry.mean:.2f}{deviation}"


def format_coverage(entry: Entry) -> str:
    """How many repetitions an incomplete cell rests on; "" for a complete one."""
    return "" if entry.complete else f" ({len(entry.values)} of {entry.expected})"


def format_parameters(counts: Sequence[int], dash: str) -> str:
    """Parameter counts, ascending, in millions: one, or a range; "-" where there are none."""
    millions = dict.fromkeys(f"{count / 1e6:.1f}" for count in counts[:: max(len(counts) - 1, 1)])
    return dash.join(millions) or "-"


def _table_lines(table: Table) -> list[str]:
    headings = [
        f"{column.label} {column_heading(column, table.scenario, '→')}".rstrip()
        for column in table.columns
    ]
    headings.append("parameters (M)")
    lines = [
        "| method | | " + " | ".join(headings) + " |",
        "| --- | --- |" + " ---: |" * len(headings),
    ]
    previous = ""
    for row in table.rows:
        label = row.label if row.label != previous else ""
        previous = row.label
        cells = [*_row_cells(table, row), format_parameters(table.parameters[row], "–")]
        lines.append(f"| {label} | {row.variant} | {' | '.join(cells)} |")
    return lines


def _row_cells(table: Table, row: Row) -> list[str]:
    if row.method != TEACHER:
        return [_cell(table.entries[row, column]) for column in table.columns]
    cells = []
    for entry, width in table.teacher_spans():  # Markdown cannot span: the first column holds it
        cells += [_cell(entry), *[""] * (width - 1)]
    return cells


def _cell(entry: Entry) -> str:
    number = format_number(entry)
    if number is None:
        return f"-{format_coverage(entry)}"
    number = f"**{number}**" if entry.best else number
    arrow = f" {entry.arrow}" if entry.arrow else ""
    marks = DIFFERS * entry.differs + BELOW_BEST * entry.below_best
    return f"{number}{arrow}{marks}{format_coverage(entry)}"
