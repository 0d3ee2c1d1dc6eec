"""The statistics of a suite's tables as Markdown and as CSV."""

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmark.reporting.escape import escape_markdown
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, markdown_table
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.significance.comparisons import Contrast, Significance
from benchmark.reporting.tables import EntryKey, Row, Table, row_label
from benchmark.reporting.wording import DIFFERS, column_heading, not_ranked, table_heading
from benchmark.statistics import ALPHA, RankAnalysis
from benchmark.statistics.percent import points

COLUMNS = (
    "suite",
    "scenario",
    "dataset",
    "evaluated_modality",
    "method",
    "plugin",
    "against",
    "against_method",
    "against_plugin",
    "n",
    "difference",
    "ci_low",
    "ci_high",
    "bootstrap_low",
    "bootstrap_high",
    "t_p_value",
    "holm_p_value",
    "sign_flip_p_value",
    "effect_size",
)
_HEADINGS = (
    "data",
    "method",
    "against",
    "n",
    "difference",
    "95 % interval",
    "test samples",
    "p",
    "Holm",
    "sign flip",
    "g",
)
_LEGEND = (
    "Differences of weighted F1 in points, paired over the repetitions that both have; the 95 % "
    "interval is t with n - 1 degrees of freedom.",
    "Test samples: 95 % interval of the mean difference when test samples are drawn anew and the "
    "trained networks stay, samples taken as independent.",
    "p: paired t-test; Holm: after Holm's correction over the rows of one table here; sign flip: "
    "exact test without the assumption of normal differences; g: Hedges' g of the differences.",
    "Repetitions share most of their training samples, so the t-test is somewhat optimistic; the "
    "best of a column was chosen by the same numbers that it is compared on.",
)


def render_statistics(
    title: str, analysed: Sequence[tuple[Table, Significance]], figures: Sequence[str]
) -> str:
    """Render every comparison of the tables, their ranks, and what cannot be concluded.

    Args:
        title: of the report.
        analysed: tables with what their numbers support.
        figures: file names of the rank diagrams, one per table that has one.
    """
    lines = [markdown_heading(1, f"{title}: statistics"), "", *markdown_list(_LEGEND), ""]
    for table, significance in analysed:
        lines += [markdown_heading(2, table_heading(table)), ""]
        lines += markdown_list(significance.warnings)
        for name, contrasts in _families(significance):
            if contrasts:
                lines += ["", markdown_heading(3, f"Against {name}"), ""]
                lines += markdown_table(_contrast_grid(table, contrasts))
        lines += ["", "### Average ranks", "", *_rank_lines(significance.ranks), ""]
    lines += [f"![average ranks]({name})" for name in figures]
    return "\n".join(lines).rstrip() + "\n"


def statistics_frame(suite: str, analysed: Sequence[tuple[Table, Significance]]) -> pd.DataFrame:
    """One row per comparison, columns as `COLUMNS`; differences in [-1, 1]."""
    rows = [
        _record(suite, table, against, key, contrast)
        for table, significance in analysed
        for against, contrasts in (
            ("baseline", significance.to_baseline),
            ("best", significance.to_best),
        )
        for key, contrast in contrasts.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _families(significance: Significance) -> Iterator[tuple[str, dict[EntryKey, Contrast]]]:
    baselines = {contrast.other.label for contrast in significance.to_baseline.values()}
    yield ", ".join(sorted(baselines)), dict(significance.to_baseline)
    yield "the best of the column", dict(significance.to_best)


def _contrast_grid(table: Table, contrasts: dict[EntryKey, Contrast]) -> Grid:
    headings = [Heading(name) for name in _HEADINGS]
    aligned = [Align.LEFT] * 3 + [Align.RIGHT] * (len(headings) - 3)
    rows = [
        GridRow(
            [
                GridCell(column_heading(column, table.scenario)),
                GridCell(row_label(row), marks=DIFFERS * contrast.significant),
                GridCell(row_label(contrast.other)),
                *map(GridCell, _numbers(contrast)),
            ]
        )
        for (row, column), contrast in contrasts.items()
    ]
    return Grid([headings], aligned, rows)


def _numbers(contrast: Contrast) -> Iterator[str | None]:
    paired = contrast.paired
    yield str(paired.n)
    yield points(paired.difference)
    yield _interval(paired.interval)
    yield _interval(contrast.resampled)
    yield _p_value(paired.t_p_value)
    yield _p_value(contrast.corrected_p)
    yield _p_value(paired.sign_flip_p_value)
    yield None if paired.effect_size is None else f"{paired.effect_size:+.2f}"


def _rank_lines(ranks: RankAnalysis[Row]) -> list[str]:
    columns = f"{ranks.columns} column" + ("" if ranks.columns == 1 else "s")
    text = f"N = {columns}; 1 is best."
    if ranks.test is None:
        text += f" No test: {ranks.reason}."
    else:
        text += (
            f" Friedman's test: p = {ranks.test.p_value:.3g}. Ranks that differ by less than "
            f"{ranks.test.critical_difference:.2f} (Nemenyi, {ALPHA:g}) cannot be told apart."
        )
    if ranks.left_out:
        text += f" {not_ranked(map(row_label, ranks.left_out))}."
    lines = [escape_markdown(text)]
    if not ranks.average_ranks:
        return lines
    ordered = sorted(ranks.average_ranks.items(), key=lambda item: item[1])
    rows = [GridRow([GridCell(row_label(row)), GridCell(f"{rank:.2f}")]) for row, rank in ordered]
    headings = [Heading("method"), Heading("average rank")]
    return [*lines, "", *markdown_table(Grid([headings], [Align.LEFT, Align.RIGHT], rows))]


def _interval(interval: tuple[float, float] | None) -> str | None:
    return None if interval is None else " to ".join(map(points, interval))


def _p_value(value: float | None) -> str | None:
    if value is None:
        return None
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _record(
    suite: str, table: Table, against: str, key: EntryKey, contrast: Contrast
) -> tuple[object, ...]:
    row, column = key
    paired = contrast.paired
    return (
        suite,
        table.scenario.value,
        column.dataset,
        column.evaluated,
        row.method,
        row.plugin,
        against,
        contrast.other.method,
        contrast.other.plugin,
        paired.n,
        paired.difference,
        *(paired.interval or (None, None)),
        *(contrast.resampled or (None, None)),
        paired.t_p_value,
        contrast.corrected_p,
        paired.sign_flip_p_value,
        paired.effect_size,
    )
