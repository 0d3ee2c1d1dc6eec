"""The tables of a suite beside the printed ones, as files in Markdown and LaTeX."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.reporting.published.comparison import Comparison, compare_with_published
from benchmark.reporting.published.eligibility import (
    REPETITIONS,
    refusal_sentence,
    refused_columns,
    setup_differences,
)
from benchmark.reporting.published.latex import render_comparison_latex
from benchmark.reporting.published.markdown import render_comparison_markdown
from benchmark.reporting.published.printed import FOLDER, read_published
from benchmark.reporting.tables import SELECTED, Table
from benchmark.reporting.wording import DIFFERS, SPREAD, score_text
from benchmark.tasks import TASKS

# The tables with TEACHER, STUDENT and the baselines, whose released scripts depart from the text.
_PERHAPS_AS_RELEASED = ("table1", "table2")


@dataclass(frozen=True)
class ComparisonFiles:
    """What is written beside a report.

    Attributes:
        files: text by file name; empty where nothing can be compared.
        notes: sentences for the report itself: why something is not compared.
    """

    files: Mapping[str, str]
    notes: tuple[str, ...]


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
    differences = setup_differences(suite, datasets, TASKS.get(summaries[0].task))
    above = [*_setup_sentence(differences), *notes]
    below = _legend(suite.name, chosen[0].metric, comparisons)
    markdown, latex = comparison_names(suite.name)
    label = latex.removesuffix(".tex")
    return ComparisonFiles(
        {
            markdown: render_comparison_markdown(title, above, comparisons, below),
            latex: render_comparison_latex(label, title, above, comparisons, below),
        },
        notes,
    )


def comparison_names(suite: str) -> list[str]:
    """The files that a comparison of the suite has."""
    return [f"{suite}_vs_published.{suffix}" for suffix in ("md", "tex")]


def _setup_sentence(differences: Sequence[str]) -> list[str]:
    return (
        [f"The set-up differs from the paper's: {'; '.join(differences)}."] if differences else []
    )


def _summed(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Pairs of numbers added up."""
    first, second = zip(*counts, strict=True)
    return sum(first), sum(second)


def _legend(suite: str, metric: str, comparisons: Sequence[Comparison]) -> list[str]:
    """What a reader must know of the numbers, one sentence or two each."""
    legend = [
        f"{score_text(metric)}: our {SPREAD} of the checkpoints with the best validation "
        "score, the printed number, and ours minus printed in points. (k of n): k of n repetitions "
        "are finished.",
        f"± after a difference: half of the 95 % prediction interval around our mean, where one "
        f"more mean of {REPETITIONS} runs made as ours would lie. Marked {DIFFERS}: the printed "
        "number lies outside, which chance alone brings about in one case of twenty.",
    ]
    inside, predicted = _summed(each.predicted for each in comparisons)
    if predicted:
        legend.append(
            f"{inside} of {predicted} printed numbers lie in their prediction intervals, which "
            "assume that they are means of runs drawn as ours were."
        )
    if suite in _PERHAPS_AS_RELEASED:
        legend.append(
            "The paper's numbers may have been made with its released code, which departs from "
            "its text, rather than as the text says."
        )
    agreeing, comparable = _summed(each.agreement for each in comparisons)
    if comparable:
        legend.append(
            "Arrows against STUDENT of the same column: ours, over the repetitions that both have, "
            "then the paper's, recomputed from its printed numbers; ≠ marks pairs that differ. "
            f"{agreeing} of {comparable} agree."
        )
    unprinted = dict.fromkeys(
        f"{row.label} {row.variant}".removesuffix(" -")
        for comparison in comparisons
        for row in comparison.unprinted
    )
    if unprinted:
        legend.append(f"Not in the printed table, so left out: {', '.join(unprinted)}.")
    absent = dict.fromkeys(
        method if plugin == "none" else f"{method} with {plugin}"
        for comparison in comparisons
        for method, plugin in comparison.absent
    )
    if absent:
        legend.append(f"Printed, but not in this suite: {', '.join(absent)}.")
    return legend
