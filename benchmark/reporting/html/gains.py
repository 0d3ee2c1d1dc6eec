"""What each method gains over the baseline, with intervals and single repetitions."""

from collections.abc import Sequence

from benchmark.reporting.html.blocks import Chart, ChartBlock, Filter, Row, Section
from benchmark.reporting.html.charts import (
    INK,
    interval_rule,
    labels,
    line_sizes,
    mean_if_marked,
    rounded,
    tooltip,
    zero_line,
)
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.significance.gains import gains_of
from benchmark.reporting.tables import Column, Table, row_label
from benchmark.reporting.wording import column_heading, scenario_heading, test_name

MOST_SIDE_BY_SIDE = 8  # charts; of more, one at a time is shown


def gain_section(analysed: Sequence[tuple[Table, Significance]]) -> Section | None:
    """One chart per column of each table; None where nothing is compared.

    Args:
        analysed: tables of selected checkpoints with what their numbers support.
    """
    blocks = [block for table, found in analysed if (block := _block(table, found)) is not None]
    return Section("Gain over the baseline", blocks) if blocks else None


def _block(table: Table, found: Significance) -> ChartBlock | None:
    baseline = table.baseline_row
    by_column = {
        column_heading(column, table.scenario): rows
        for column in table.columns
        if (rows := _rows(table, found, column))
    }
    if baseline is None or not by_column:
        return None
    drawn = {
        test_name(contrast.paired.test_to_training is not None)
        for contrast in found.to_baseline.values()
    }
    caption = (
        f"{scenario_heading(table.scenario, table.columns)}. Points of {table.metric} above or "
        f"below {row_label(baseline)}: the mean, its 95 % interval, and a dot for each repetition. "
        f"Filled: differs from {row_label(baseline)} by more than chance ({' or '.join(drawn)}, "
        "after Holm's correction)."
    )
    spec = _spec(table.metric)
    if len(by_column) <= MOST_SIDE_BY_SIDE:
        charts = [Chart(heading, spec, rows) for heading, rows in by_column.items()]
        return ChartBlock(charts, caption=caption)
    rows = [{**row, "column": name} for name, own in by_column.items() for row in own]
    return ChartBlock([Chart("", spec, rows)], [Filter("column", "data", list(by_column))], caption)


def _rows(table: Table, found: Significance, column: Column) -> list[Row]:
    return [
        {
            "method": row_label(gain.row),
            "gain": round(gain.mean, 3),
            "low": rounded(low, 3),
            "high": rounded(high, 3),
            "marked": gain.significant,
            "repetition": list(gain.repetitions),
            "dot": [round(value, 3) for value in gain.repetitions.values()],
        }
        for gain in gains_of(table, found, column)
        for low, high in [gain.interval or (None, None)]
    ]


def _spec(metric: str) -> dict[str, object]:
    """Lines: methods; dots, an interval and a mean on each."""
    down = labels("method")
    across = {"type": "quantitative", "title": f"gain in points of {metric}"}
    whole = tooltip(
        ("method", "method"),
        ("gain", "mean gain", "+.2f"),
        ("low", "95 % from", "+.2f"),
        ("high", "to", "+.2f"),
    )
    return {
        **line_sizes("method"),
        "layer": [
            zero_line(),
            {
                "transform": [{"flatten": ["repetition", "dot"]}],
                "mark": {
                    "type": "circle",
                    "color": INK,
                    "size": 26,
                    "opacity": 0.45,
                    "yOffset": -5,
                },
                "encoding": {
                    "x": {"field": "dot", **across},
                    "y": down,
                    "tooltip": tooltip(
                        ("method", "method"),
                        ("repetition", "repetition"),
                        ("dot", "gain", "+.2f"),
                    ),
                },
            },
            interval_rule(across, down, whole),
            mean_if_marked("gain", across, down, whole),
        ],
    }
