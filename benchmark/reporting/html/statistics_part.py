"""What the marks of the tables rest on, and average ranks."""

from collections.abc import Sequence

from benchmark.reporting.html.blocks import Block, Prose, Section, TableBlock
from benchmark.reporting.html.pictures import embedded
from benchmark.reporting.html.reported import Reported
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.significance.rank_text import rank_grid, rank_sentences
from benchmark.reporting.significance.text import (
    contrast_families,
    contrast_grid,
    statistics_legend,
)
from benchmark.reporting.tables import Table
from benchmark.reporting.wording import table_heading


def statistics_section(reported: Reported) -> Section | None:
    """Every comparison with the baseline and with the best of its column; None without any."""
    blocks = [
        block
        for table, found in reported.selected
        for block in _comparisons(reported.suite.name, table, found)
    ]
    if not blocks:
        return None
    legend = Prose(statistics_legend(reported.analysed[0][0].metric), listed=True)
    return Section("Statistics", [*blocks, legend], folded=True)


def _comparisons(suite: str, table: Table, found: Significance) -> list[Block]:
    blocks: list[Block] = [
        TableBlock(
            contrast_grid(table, contrasts),
            f"{table_heading(table)}: against {name}",
            rest=f"in {suite}_statistics.csv",
        )
        for name, contrasts in contrast_families(found)
        if contrasts
    ]
    sentences = [*found.warnings, *found.remarks]
    return [*blocks, Prose(sentences, listed=True)] if blocks and sentences else blocks


def rank_section(reported: Reported) -> Section | None:
    """The average ranks of every table; None where nothing is ranked."""
    blocks: list[Block] = []
    for table, found in reported.selected:
        if found.ranks.average_ranks:
            blocks += [
                Prose(rank_sentences(found.ranks)),
                TableBlock(rank_grid(found.ranks), table_heading(table)),
            ]
    if not blocks:
        return None
    return Section("Average ranks", [*blocks, *_diagrams(reported.rank_diagrams)])


def _diagrams(contents: Sequence[bytes]) -> list[Block]:
    return [
        embedded(content, "Average ranks, and which of them may be equal.") for content in contents
    ]
