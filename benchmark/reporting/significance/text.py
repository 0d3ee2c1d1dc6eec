"""The statistics of a suite's tables as Markdown and as CSV."""

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmark.reporting.markdown import column_heading, table_heading
from benchmark.reporting.significance.comparisons import Contrast, Place, Significance
from benchmark.reporting.tables import Table, row_label

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
    lines = [f"# {title}: statistics", "", *(f"- {line}" for line in _LEGEND), ""]
    for table, significance in analysed:
        lines += [f"## {table_heading(table)}", ""]
        lines += [f"- {warning}" for warning in significance.warnings]
        for name, contrasts in _families(significance):
            if contrasts:
                lines += ["", f"### Against {name}", "", *_lines(table, contrasts)]
        lines += ["", "### Average ranks", "", *_rank_lines(significance), ""]
    lines += [f"![average ranks]({name})" for name in figures]
    return "\n".join(lines).rstrip() + "\n"


def statistics_frame(suite: str, analysed: Sequence[tuple[Table, Significance]]) -> pd.DataFrame:
    """One row per comparison, columns as `COLUMNS`; differences in [-1, 1]."""
    rows = [
        _record(suite, table, against, place, contrast)
        for table, significance in analysed
        for against, contrasts in (
            ("baseline", significance.to_baseline),
            ("best", significance.to_best),
        )
        for place, contrast in contrasts.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _families(significance: Significance) -> Iterator[tuple[str, dict[Place, Contrast]]]:
    baselines = {contrast.other.label for contrast in significance.to_baseline.values()}
    yield ", ".join(sorted(baselines)), dict(significance.to_baseline)
    yield "the best of the column", dict(significance.to_best)


def _lines(table: Table, contrasts: dict[Place, Contrast]) -> list[str]:
    lines = [
        "| data | method | against | n | difference | 95 % interval | test samples | p | Holm | "
        "sign flip | g |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (row, column), contrast in contrasts.items():
        place = f"{column.label} {column_heading(column, table.scenario, '→')}".rstrip()
        paired = contrast.paired
        cells = [
            place,
            row_label(row) + ("*" if contrast.significant else ""),
            row_label(contrast.other),
            str(paired.n),
            f"{100 * paired.difference:+.2f}",
            _interval(paired.interval),
            _interval(contrast.resampled),
            _p_value(paired.t_p_value),
            _p_value(contrast.corrected_p),
            _p_value(paired.sign_flip_p_value),
            "-" if paired.effect_size is None else f"{paired.effect_size:+.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _rank_lines(significance: Significance) -> list[str]:
    ranks = significance.ranks
    columns = f"{ranks.columns} column" + ("" if ranks.columns == 1 else "s")
    lines = [f"N = {columns}; 1 is best."]
    if ranks.test is None:
        lines[0] += f" No test: {ranks.reason}."
    else:
        lines[0] += (
            f" Friedman's test: p = {ranks.test.p_value:.3g}. Ranks that differ by less than "
            f"{ranks.test.critical_difference:.2f} (Nemenyi, 0.05) cannot be told apart."
        )
    if ranks.left_out:
        lines[0] += f" Incomplete, not ranked: {', '.join(map(row_label, ranks.left_out))}."
    if not ranks.average_ranks:
        return lines
    lines += ["", "| method | average rank |", "| --- | ---: |"]
    ordered = sorted(ranks.average_ranks.items(), key=lambda item: item[1])
    return [*lines, *(f"| {row_label(row)} | {rank:.2f} |" for row, rank in ordered)]


def _interval(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return "-"
    low, high = interval
    return f"{100 * low:+.2f} to {100 * high:+.2f}"


def _p_value(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _record(
    suite: str, table: Table, against: str, place: Place, contrast: Contrast
) -> tuple[object, ...]:
    row, column = place
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
