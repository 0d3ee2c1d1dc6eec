"""Reports as Markdown."""

from collections.abc import Iterable, Sequence

from benchmark.reporting.escape import escape_markdown
from benchmark.reporting.figures import ReportFigure
from benchmark.reporting.grid import Grid, markdown_table
from benchmark.reporting.small_print import SmallPrint
from benchmark.reporting.suite_grid import suite_grid
from benchmark.reporting.tables import Table
from benchmark.reporting.wording import table_heading


def render_markdown(
    title: str,
    tables: Sequence[Table],
    small_print: SmallPrint,
    further: Sequence[tuple[str, Grid]] = (),
) -> str:
    """Render a report: tables, how to read them, what is beside them, and last all notes.

    Args:
        title: of the report.
        tables: in their order.
        small_print: sentences.
        further: headings and what stands below them.
    """
    lines = [markdown_heading(1, title), ""]
    for table in tables:
        lines += [
            markdown_heading(2, table_heading(table)),
            "",
            *markdown_table(suite_grid(table)),
            "",
        ]
    lines += markdown_list(small_print.reading)
    for heading, grid in further:
        lines += ["", markdown_heading(2, heading), "", *markdown_table(grid)]
    if small_print.further:
        lines += ["", markdown_heading(2, "Notes"), "", *markdown_list(small_print.further)]
    return "\n".join(lines) + "\n"


def render_pictures(figures: Iterable[ReportFigure]) -> str:
    """Figures, which stand below everything else in the file of a report."""
    lines = []
    for figure in figures:
        link = f"![{escape_markdown(figure.heading)}]({figure.picture})"
        lines += ["", markdown_heading(2, figure.heading), "", link, ""]
        lines.append(escape_markdown(figure.caption))
    return "".join(f"{line}\n" for line in lines)


def markdown_heading(level: int, text: str) -> str:
    """A heading of any text; level 1 is the title."""
    return f"{'#' * level} {escape_markdown(text)}"


def markdown_list(sentences: Iterable[str]) -> list[str]:
    """Sentences as the lines of a list."""
    return [f"- {escape_markdown(sentence)}" for sentence in sentences]
