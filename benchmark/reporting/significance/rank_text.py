"""Average ranks of a table as Markdown."""

from benchmark.reporting.escape import escape_markdown
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, markdown_table
from benchmark.reporting.tables import Row, row_label
from benchmark.reporting.wording import not_ranked, p_value_text
from benchmark.statistics import RankAnalysis, RankTest


def rank_lines(ranks: RankAnalysis[Row]) -> list[str]:
    """What the ranks say, and the rows from best to worst."""
    lines = [escape_markdown(" ".join(rank_sentences(ranks)))]
    if not ranks.average_ranks:
        return lines
    return [*lines, "", *markdown_table(rank_grid(ranks))]


def rank_sentences(ranks: RankAnalysis[Row]) -> list[str]:
    """What the ranks say."""
    sentences = [_columns(ranks)]
    if ranks.test is None:
        sentences.append(f"No test: {ranks.reason}.")
    else:
        sentences += _test(ranks.test)
        if ranks.independent_columns < ranks.columns:
            sentences.append("Columns of one data set make p-values too small.")
    if ranks.left_out:
        sentences.append(f"{not_ranked(map(row_label, ranks.left_out))}.")
    return sentences


def _columns(ranks: RankAnalysis[Row]) -> str:
    counted = f"N = {ranks.columns} column" + ("" if ranks.columns == 1 else "s")
    if ranks.independent_columns == ranks.columns:
        return f"{counted}; 1 is best."
    named = f"{ranks.independent_columns} data set"
    named += "" if ranks.independent_columns == 1 else "s"
    return f"{counted} of {named}, which are not independent; 1 is best."


def _test(test: RankTest[Row]) -> list[str]:
    found = "p" if test.statistic is None else f"F = {test.statistic:.2f}, p"
    sign = " " if test.p_value < 0.001 else " = "
    sentences = [
        f"Whether ranks differ at all (Iman and Davenport): {found}{sign}"
        f"{p_value_text(test.p_value)}."
    ]
    if test.baseline is not None:
        sentences.append(
            f"p: whether a rank differs from that of {row_label(test.baseline)}, after Holm's "
            f"correction. Ranks closer to it than {test.critical_difference:.2f} cannot be told "
            f"from it (Bonferroni and Dunn, {test.alpha:g})."
        )
    else:
        sentences.append(
            f"Ranks that differ by less than {test.critical_difference:.2f} (Nemenyi, "
            f"{test.alpha:g}) cannot be told apart."
        )
    return sentences


def rank_grid(ranks: RankAnalysis[Row]) -> Grid:
    """The rows from best to worst."""
    test = ranks.test
    baseline = None if test is None else test.baseline
    headings = [Heading("method"), Heading("average rank")]
    if baseline is not None:
        headings.append(Heading("p"))
    rows = []
    for row, rank in sorted(ranks.average_ranks.items(), key=lambda item: item[1]):
        cells = [GridCell(row_label(row)), GridCell(f"{rank:.2f}")]
        if test is not None and baseline is not None:
            cells.append(GridCell(p_value_text(test.p_values.get((row, baseline)))))
        rows.append(GridRow(cells))
    return Grid([headings], [Align.LEFT, *[Align.RIGHT] * (len(headings) - 1)], rows)
