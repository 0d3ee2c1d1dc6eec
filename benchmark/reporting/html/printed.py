"""The suite's numbers beside the printed ones."""

from benchmark.reporting.html.blocks import (
    Block,
    Chart,
    ChartBlock,
    Prose,
    Row,
    Section,
    TableBlock,
)
from benchmark.reporting.html.charts import (
    INK,
    METHOD,
    WORSE,
    interval_rule,
    labels,
    line_sizes,
    mean_point,
    tooltip,
)
from benchmark.reporting.published.comparison import Comparison
from benchmark.reporting.published.grid import column_groups, comparison_grid, group_heading
from benchmark.reporting.published.report import ComparisonFiles
from benchmark.reporting.tables import Column, row_label
from benchmark.reporting.wording import column_heading, scenario_heading, sentence_start


def printed_section(printed: ComparisonFiles, metric: str) -> Section | None:
    """Both as a chart and as tables; None where nothing is compared.

    Args:
        printed: the comparison.
        metric: what the scores are called.
    """
    said = printed.small_print
    if not printed.comparisons or said is None:
        return None
    # What is refused is among the notes of the page.
    blocks: list[Block] = [Prose(said.setup)] if said.setup else []
    for comparison in printed.comparisons:
        blocks.append(_charts(comparison, metric))
        for columns in column_groups(comparison):
            heading = group_heading(comparison, columns)
            blocks.append(TableBlock(comparison_grid(comparison, columns), heading))
        oddities = [f"[{n}] {one.sentence}" for n, one in enumerate(comparison.oddities, 1)]
        if oddities:
            blocks.append(Prose(["Oddities of the printed table:", *oddities], listed=True))
    return Section("Printed beside measured", [*blocks, Prose(said.below, listed=True)])


def _charts(comparison: Comparison, metric: str) -> ChartBlock:
    where = scenario_heading(comparison.scenario, comparison.columns)
    caption = (
        f"{where}. {sentence_start(metric)} in percent: circles, "
        "our means, with the interval in which one more mean of as many runs as printed would lie; "
        "diamonds, the printed numbers, in the colour of a warning where they lie outside."
    )
    spec = _spec(metric)
    charts = [
        Chart(column_heading(column, comparison.scenario), spec, rows)
        for column in comparison.columns
        if (rows := _rows(comparison, column))
    ]
    return ChartBlock(charts, caption=caption)


def _rows(comparison: Comparison, column: Column) -> list[Row]:
    rows: list[Row] = []
    for row in comparison.rows:
        cell = comparison.cells[row, column]
        if cell.printed is None:
            continue
        interval = cell.prediction
        rows.append(
            {
                "method": row_label(row),
                "ours": None if cell.mean is None else round(cell.mean, 2),
                "low": None if interval is None else round(interval.low, 2),
                "high": None if interval is None else round(interval.high, 2),
                "printed": cell.printed,
                "outside": cell.predicted is False,
            }
        )
    return rows


def _spec(metric: str) -> dict[str, object]:
    """Lines: methods; on each our mean with its interval, and the printed number."""
    down = labels("method")
    across = {"type": "quantitative", "title": f"{metric}, %", "scale": {"zero": False}}
    shown = tooltip(
        ("method", "method"),
        ("ours", "ours", ".2f"),
        ("low", "95 % from", ".2f"),
        ("high", "to", ".2f"),
        ("printed", "printed", ".2f"),
    )
    return {
        **line_sizes("method"),
        "layer": [
            interval_rule(across, down, shown),
            {
                "transform": [{"filter": "datum.ours !== null"}],
                "mark": {**mean_point(), "fill": METHOD},
                "encoding": {"x": {"field": "ours", **across}, "y": down, "tooltip": shown},
            },
            {
                "mark": {
                    "type": "point",
                    "shape": "diamond",
                    "size": 70,
                    "filled": True,
                    "opacity": 1,
                },
                "encoding": {
                    "x": {"field": "printed", **across},
                    "y": down,
                    "color": {
                        "condition": {"test": "datum.outside", "value": WORSE},
                        "value": INK,
                    },
                    "tooltip": shown,
                },
            },
        ],
    }
