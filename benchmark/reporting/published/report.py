"""The tables of a suite beside the printed ones, as files in Markdown and LaTeX."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.reporting.published.comparison import Comparison, compare_with_published
from benchmark.reporting.published.eligibility import (
    refusal_sentence,
    refused_columns,
    setup_differences,
)
from benchmark.reporting.published.latex import (
    render_comparison_latex,
    render_comparison_notes,
)
from benchmark.reporting.published.markdown import render_comparison_markdown
from benchmark.reporting.published.printed import FOLDER, read_published
from benchmark.reporting.published.small_print import ComparisonPrint, comparison_print
from benchmark.reporting.tables import SELECTED, Table
from benchmark.tasks import TASKS


@dataclass(frozen=True)
class ComparisonFiles:
    """What is written beside a report.

    Attributes:
        files: text by file name; empty where nothing can be compared.
        notes: sentences for the report itself: why something is not compared.
        comparisons: that the files show.
        small_print: sentences on them; None where there are none.
    """

    files: Mapping[str, str]
    notes: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()
    small_print: ComparisonPrint | None = None


def comparison_files(
    suite: Suite,
    tables: Sequence[Table],
    summaries: Sequence[DatasetSummary],
    published: Path = FOLDER,
) -> ComparisonFiles:
    """Compare a suite with the printed table of its name, as far as its data is the paper's.

    Args:
        suite: the suite; one whose name is no printed table is not compared.
        tables: its tables; those of selected checkpoints are compared.
        summaries: its data sets.
        published: folder of the printed tables.

    Raises:
        UserError: the files of the printed tables are damaged.
    """
    printed = read_published(suite.name, published)
    if printed is None:
        return ComparisonFiles({}, ())
    chosen = [table for table in tables if table.checkpoint == SELECTED]
    judged = [(table, refused_columns(suite, table, summaries, printed)) for table in chosen]
    refusal = refusal_sentence(judged)
    notes = () if refusal is None else (refusal,)
    comparisons = [
        compare_with_published(table, printed, columns)
        for table, refused in judged
        if (columns := [column for column in table.columns if column not in refused])
    ]
    if not comparisons:
        return ComparisonFiles({}, notes)
    title = f"{suite.title or suite.name}: against the printed numbers"
    datasets = {column.dataset for comparison in comparisons for column in comparison.columns}
    differences = setup_differences(suite, summaries, datasets, TASKS.get(summaries[0].task))
    small_print = comparison_print(suite.name, chosen[0].metric, comparisons, differences, notes)
    markdown, latex, appendix = comparison_names(suite.name)
    return ComparisonFiles(
        {
            markdown: render_comparison_markdown(title, comparisons, small_print),
            latex: render_comparison_latex(
                latex.removesuffix(".tex"), title, comparisons, small_print
            ),
            appendix: render_comparison_notes(title, comparisons, small_print),
        },
        notes,
        tuple(comparisons),
        small_print,
    )


def comparison_names(suite: str) -> list[str]:
    """The files that a comparison of the suite has."""
    return [f"{suite}_vs_published{ending}" for ending in (".md", ".tex", "_notes.tex")]
