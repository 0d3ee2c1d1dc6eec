"""What networks cost to train and to deploy, and what they score for it."""

from collections.abc import Callable, Sequence

from benchmark.planning.plan import TEACHER
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, without_repeats
from benchmark.reporting.html.blocks import (
    Block,
    Chart,
    ChartBlock,
    Filter,
    Prose,
    Section,
    TableBlock,
)
from benchmark.reporting.html.blocks import Row as DataRow
from benchmark.reporting.html.charts import BASELINE, FAINT, METHOD, tooltip
from benchmark.reporting.html.reported import Reported
from benchmark.reporting.tables import Table, row_label
from benchmark.reporting.trade_offs import TradeOff, front_of, trade_offs
from benchmark.reporting.wording import column_heading, scenario_heading
from benchmark.statistics.percent import percent

_HEADINGS = (
    "deployed (M)",
    "trained (M)",
    "seconds of training",
    "images per second",
)


def cost_section(reported: Reported) -> Section | None:
    """A chart of scores against costs, and a table; None where no run is finished."""
    blocks: list[Block] = []
    for table, _ in reported.selected:
        costs = trade_offs(table, reported.cells, reported.results)
        if costs:
            blocks += [_charts(table, costs), TableBlock(_grid(table, costs))]
            if shared := frozenset().union(*(cost.shared for cost in costs)):
                blocks.append(
                    Prose(
                        [
                            f"{len(shared)} of the runs shared their device with others, so their "
                            "times are too long."
                        ]
                    )
                )
    return Section("Cost", blocks) if blocks else None


def _grid(table: Table, costs: Sequence[TradeOff]) -> Grid:
    columns = without_repeats(column_heading(cost.column, table.scenario) for cost in costs)
    rows = [
        GridRow(
            [
                GridCell(column),
                GridCell(row_label(cost.row)),
                GridCell(f"{cost.deployed / 1e6:.1f}"),
                GridCell(f"{cost.trained / 1e6:.1f}"),
                GridCell(f"{cost.seconds:.0f}"),
                GridCell(f"{cost.speed:.0f}"),
            ]
        )
        for column, cost in zip(columns, costs, strict=True)
    ]
    headings = [Heading(text) for text in ("data", "method", *_HEADINGS)]
    return Grid([headings], [Align.LEFT] * 2 + [Align.RIGHT] * len(_HEADINGS), rows)


def _charts(table: Table, costs: Sequence[TradeOff]) -> ChartBlock:
    caption = (
        f"{scenario_heading(table.scenario, table.columns)}. The line joins the methods that no "
        "other one beats at the same cost or less (Pareto front); TEACHER, which sees other "
        "modalities, is not among them. Training: that of the method alone, without its teacher's."
    )
    by_size = _rows(table, costs, lambda cost: cost.deployed / 1e6)
    by_time = _rows(table, costs, lambda cost: cost.seconds)
    charts = [
        Chart("Score against deployed parameters", _spec(table.metric, "parameters (M)"), by_size),
        Chart("Score against training", _spec(table.metric, "seconds of training"), by_time),
    ]
    columns = list(dict.fromkeys(column_heading(cost.column, table.scenario) for cost in costs))
    return ChartBlock(charts, [Filter("column", "data", columns)], caption)


def _rows(
    table: Table, costs: Sequence[TradeOff], price: Callable[[TradeOff], float]
) -> list[DataRow]:
    front = {
        one
        for column in table.columns
        for one in front_of([cost for cost in costs if cost.column == column], price)
    }
    return [
        {
            "column": column_heading(cost.column, table.scenario),
            "method": row_label(cost.row),
            "price": round(price(cost), 3),
            "score": float(percent(cost.score)),
            "front": cost in front,
            "aside": cost.row.method == TEACHER,
        }
        for cost in costs
    ]


def _spec(metric: str, price: str) -> dict[str, object]:
    """A point for each method, and the front."""
    across = {"type": "quantitative", "title": price, "scale": {"zero": False, "padding": 40}}
    up = {"type": "quantitative", "title": f"{metric}, %", "scale": {"zero": False, "padding": 12}}
    place = {"x": {"field": "price", **across}, "y": {"field": "score", **up}}
    return {
        "width": "container",
        "height": 260,
        "config": {"axisY": {"grid": True}},
        "layer": [
            {
                "transform": [{"filter": "datum.front"}],
                "mark": {"type": "line", "interpolate": "step-after", "color": METHOD},
                "encoding": place,
            },
            {
                "mark": {"type": "circle", "size": 70, "opacity": 0.9},
                "encoding": {
                    **place,
                    "fill": {
                        "condition": [
                            {"test": "datum.front", "value": METHOD},
                            {"test": "datum.aside", "value": FAINT},
                        ],
                        "value": BASELINE,
                    },
                    "tooltip": tooltip(
                        ("method", "method"), ("price", price, ",.1f"), ("score", metric, ".2f")
                    ),
                },
            },
            {
                "transform": [{"filter": "datum.front || datum.aside"}],
                "mark": {"type": "text", "dy": -11, "fontSize": 11, "fill": "var(--ink)"},
                "encoding": {**place, "text": {"field": "method"}},
            },
        ],
    }
