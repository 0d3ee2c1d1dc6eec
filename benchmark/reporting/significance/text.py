"""The statistics of a suite's tables as Markdown and as CSV."""

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, markdown_table
from benchmark.reporting.markdown import markdown_heading, markdown_list
from benchmark.reporting.significance.comparisons import Contrast, Significance
from benchmark.reporting.significance.rank_text import rank_lines
from benchmark.reporting.tables import EntryKey, Table, row_label
from benchmark.reporting.wording import (
    DIFFERS,
    column_heading,
    interval_text,
    p_value_text,
    table_heading,
)
from benchmark.statistics import Superiority
from benchmark.statistics.percent import points

COLUMNS = (
    "suite",
    "scenario",
    "dataset",
    "teacher_modality",
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
    "checkpoint",
    "test_to_training",
    "corrected_low",
    "corrected_high",
    "corrected_t_p_value",
    "win_probability",
    "win_low",
    "win_high",
)
_HEADINGS = (
    "data",
    "method",
    "against",
    "n",
    "difference",
    "95 % interval",
    "test samples",
    "wins",
    "test",
    "p",
    "Holm",
    "plain p",
    "sign flip",
    "g",
)
CORRECTED = "corrected"
PLAIN = "paired"
_LEGEND = (
    "Differences of {metric} in points, paired over the repetitions that both have.",
    "Test: corrected is the corrected resampled t-test (Nadeau and Bengio 2003), where each "
    "repetition draws its own split of the data set; paired is the paired t-test, where all have "
    "the split that came with the data. Interval and p are of that test.",
    "Holm: p after Holm's correction over the rows of one table here; it decides on the mark.",
    "Plain p: the paired t-test, which takes repetitions for independent. Sign flip: exact test "
    "without the assumption of normal differences. g: Hedges' g of the differences.",
    "Test samples: 95 % interval of the mean difference when test samples are drawn anew and the "
    "trained networks stay. Samples are taken as independent, or whole groups where the data is "
    "split by group.",
    "Wins: share of repetitions in which the method scores higher, a tie being half a win, with "
    "its 95 % interval. It is rough for fewer than some 20 repetitions.",
    "The best of a column was chosen by the same numbers that it is compared on.",
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
    legend = statistics_legend(analysed[0][0].metric)
    lines = [markdown_heading(1, f"{title}: statistics"), "", *markdown_list(legend), ""]
    for table, significance in analysed:
        lines += [markdown_heading(2, table_heading(table)), ""]
        lines += markdown_list([*significance.warnings, *significance.remarks])
        for name, contrasts in contrast_families(significance):
            if contrasts:
                lines += ["", markdown_heading(3, f"Against {name}"), ""]
                lines += markdown_table(contrast_grid(table, contrasts))
        lines += ["", "### Average ranks", "", *rank_lines(significance.ranks), ""]
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


def statistics_legend(metric: str) -> list[str]:
    """What the columns of the comparisons mean, as sentences."""
    return [line.format(metric=metric) for line in _LEGEND]


def contrast_families(
    significance: Significance,
) -> Iterator[tuple[str, dict[EntryKey, Contrast]]]:
    """What rows are compared with, and the comparisons, each a family for Holm's correction."""
    baselines = {contrast.other.label for contrast in significance.to_baseline.values()}
    yield ", ".join(sorted(baselines)), dict(significance.to_baseline)
    yield "the best of the column", dict(significance.to_best)


def contrast_grid(table: Table, contrasts: dict[EntryKey, Contrast]) -> Grid:
    """One line a comparison, with what its mark rests on."""
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
    yield interval_text(paired.marking_interval)
    yield interval_text(contrast.resampled)
    yield _win_text(contrast.wins)
    yield PLAIN if paired.test_to_training is None else CORRECTED
    yield p_value_text(paired.marking_p_value)
    yield p_value_text(contrast.holm_p)
    yield p_value_text(paired.t_p_value)
    yield p_value_text(paired.sign_flip_p_value)
    yield None if paired.effect_size is None else f"{paired.effect_size:+.2f}"


def _win_text(wins: Superiority) -> str:
    share = f"{100 * wins.probability:.0f} %"
    if wins.interval is None:
        return share
    low, high = wins.interval
    return f"{share}, {100 * low:.0f} to {100 * high:.0f}"


def _record(
    suite: str, table: Table, against: str, key: EntryKey, contrast: Contrast
) -> tuple[object, ...]:
    row, column = key
    paired = contrast.paired
    return (
        suite,
        table.scenario.value,
        column.dataset,
        column.teacher,
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
        contrast.holm_p,
        paired.sign_flip_p_value,
        paired.effect_size,
        table.checkpoint,
        paired.test_to_training,
        *(paired.corrected_interval or (None, None)),
        paired.corrected_t_p_value,
        contrast.wins.probability,
        *(contrast.wins.interval or (None, None)),
    )
