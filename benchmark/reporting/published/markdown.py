"""Comparisons with printed tables as Markdown; and the parts that LaTeX shows alike."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from benchmark.planning.plan import TEACHER
from benchmark.reporting.markdown import column_heading, scenario_heading
from benchmark.reporting.published.comparison import ComparedCell, Comparison
from benchmark.reporting.tables import Column, Row


def render_comparison_markdown(
    title: str, above: Sequence[str], comparisons: Sequence[Comparison], below: Sequence[str]
) -> str:
    """Render a companion: the sentences above, a table per scenario and data set, the rest below.

    The oddities of the printed table are numbered, and cells refer to them as [1].
    """
    lines = [f"# {title}", ""]
    for sentence in above:
        lines += [sentence, ""]
    for comparison in comparisons:
        lines += [f"## {scenario_heading(comparison.scenario)}", ""]
        for columns in column_groups(comparison):
            lines += [
                f"### {group_heading(comparison, columns)}",
                "",
                *_table_lines(comparison, columns),
                "",
            ]
        if comparison.oddities:
            lines += ["Oddities of the printed table:", ""]
            lines += [
                f"{number}. {oddity.sentence}"
                for number, oddity in enumerate(comparison.oddities, 1)
            ]
            lines.append("")
    lines += [f"- {sentence}" for sentence in below]
    return "\n".join(lines) + "\n"


def column_groups(comparison: Comparison) -> list[tuple[Column, ...]]:
    """The columns of one data set and teacher together, which is one table."""
    grouped = groupby(comparison.columns, lambda column: (column.dataset, column.teacher))
    return [tuple(columns) for _, columns in grouped]


def group_heading(comparison: Comparison, columns: Sequence[Column]) -> str:
    """The data set; where a group is one column, its modalities too."""
    if len(columns) > 1:
        return columns[0].label
    return f"{columns[0].label} {column_heading(columns[0], comparison.scenario, '→')}".strip()


def has_arrows(comparison: Comparison, columns: Sequence[Column]) -> bool:
    """Whether any arrow can be compared; not so in a table without STUDENT."""
    return any(
        comparison.cells[row, column].agrees is not None
        for row in comparison.rows
        for column in columns
    )


def row_heads(comparison: Comparison, columns: Sequence[Column]) -> Iterator[tuple[Row, str, str]]:
    """Each row, its label ("" where the row above has it too), and its variant.

    TEACHER's variant is the modality that it sees.
    """
    previous = ""
    for row in comparison.rows:
        variant = columns[0].teacher if row.method == TEACHER else row.variant
        yield row, "" if row.label == previous else row.label, variant
        previous = row.label


def group_cells(
    comparison: Comparison, row: Row, columns: Sequence[Column]
) -> list[ComparedCell | None]:
    """The cells of a row; TEACHER, the same for all columns of a group, stands in the first."""
    cells: list[ComparedCell | None] = [comparison.cells[row, column] for column in columns]
    return [cells[0], *[None] * (len(cells) - 1)] if row.method == TEACHER else cells


def format_points(difference: float | None) -> str:
    """A difference in points with its sign; "" where there is none, and no sign for zero."""
    if difference is None:
        return ""
    rounded = f"{difference:+.2f}"
    return "0.00" if rounded in ("+0.00", "-0.00") else rounded


def format_count(cell: ComparedCell) -> str:
    """How many repetitions an incomplete cell rests on; "" for a complete one."""
    return "" if cell.count == cell.expected else f" ({cell.count} of {cell.expected})"


def _table_lines(comparison: Comparison, columns: Sequence[Column]) -> list[str]:
    arrows = has_arrows(comparison, columns)
    parts = ("ours", "printed", "difference", *(("arrows",) if arrows else ()))
    headings: list[str] = []
    for column in columns:
        # A group of one column has its modalities in the heading above.
        modality = f"{column_heading(column, comparison.scenario, '→')} " if columns[1:] else ""
        headings += [modality + part for part in parts]
    rule = " ---: | ---: | ---: |" + (" :---: |" if arrows else "")
    lines = [f"| method | | {' | '.join(headings)} |", "| --- | --- |" + rule * len(columns)]
    for row, label, variant in row_heads(comparison, columns):
        cells = [
            text
            for cell in group_cells(comparison, row, columns)
            for text in _cell(cell)[: len(parts)]
        ]
        lines.append(f"| {label} | {variant} | {' | '.join(cells)} |")
    return lines


def _cell(cell: ComparedCell | None) -> tuple[str, str, str, str]:
    """Our number, the printed one, their difference, both arrows."""
    if cell is None:
        return "", "", "", ""
    ours = "-" if cell.mean is None else f"{cell.mean:.2f}"
    if cell.std is not None:
        ours += f" ± {cell.std:.2f}"
    printed = "-" if cell.printed is None else f"{cell.printed:.2f}"
    printed += "".join(f" [{number}]" for number in cell.notes)
    arrows = ""
    if cell.agrees is not None:
        arrows = f"{cell.arrow} {cell.printed_arrow}" + ("" if cell.agrees else " ≠")
    return ours + format_count(cell), printed, format_points(cell.difference), arrows
