"""Comparisons with printed tables as Markdown."""

from collections.abc import Sequence

from benchmark.reporting.escape import escape_markdown
from benchmark.reporting.grid import markdown_table
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.published.comparison import Comparison
from benchmark.reporting.published.grid import column_groups, comparison_grid, group_heading
from benchmark.reporting.published.small_print import ComparisonPrint
from benchmark.reporting.wording import scenario_heading


def render_comparison_markdown(
    title: str, comparisons: Sequence[Comparison], small_print: ComparisonPrint
) -> str:
    """Render a comparison: what differs, a table per scenario and data set, the rest below.

    The oddities of the printed table are numbered, and cells refer to them as [1].
    """
    lines = [markdown_heading(1, title), ""]
    for sentence in small_print.above:
        lines += [escape_markdown(sentence), ""]
    for comparison in comparisons:
        lines += [markdown_heading(2, scenario_heading(comparison.scenario)), ""]
        for columns in column_groups(comparison):
            lines += [markdown_heading(3, group_heading(comparison, columns)), ""]
            lines += [*markdown_table(comparison_grid(comparison, columns)), ""]
        if comparison.oddities:
            lines += ["Oddities of the printed table:", ""]
            lines += [
                f"{number}. {escape_markdown(oddity.sentence)}"
                for number, oddity in enumerate(comparison.oddities, 1)
            ]
            lines.append("")
    lines += markdown_list(small_print.below)
    return "\n".join(lines) + "\n"
