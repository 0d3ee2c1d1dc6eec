"""What networks cost to train and to deploy, and what they score for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from benchmark.reporting.tables import AVERAGE, Row, Table, cells_behind, row_label
from benchmark.reporting.wording import column_heading, scenario_heading
from benchmark.statistics import mean
from benchmark.statistics.pareto import pareto_front
from benchmark.statistics.percent import percent

_HEADINGS = (
    "deployed (M)",
    "trained (M)",
    "seconds of training",
    "images per second",
)


@dataclass(frozen=True)
class _Cost:
    """What one row of a column costs: means over its finished repetitions.

    Attributes:
        deployed: parameters of the network that is scored.
        trained: parameters of all that its run trained.
        seconds: of training, its teacher's aside.
        speed: images per second.
        score: on the test set, in [0, 1].
        shared: keys of its runs that shared their device.
    """

    column: str
    row: Row
    deployed: float
    trained: float
    seconds: float
    speed: float
    score: float
    shared: frozenset[str]


def cost_section(reported: Reported) -> Section | None:
    """A chart of scores against costs, and a table; None where no run is finished."""
    blocks: list[Block] = []
    for table, _ in reported.selected:
        costs = _costs(reported, table)
        if costs:
            blocks += [_charts(table, costs), TableBlock(_grid(costs))]
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


def _costs(reported: Reported, table: Table) -> list[_Cost]:
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    behind = cells_behind(table, reported.cells)
    found = []
    for column in columns:
        for row in table.rows:
            score = table.entries[row, column].mean
            filled = [
                cell
                for cell in behind.get((row.method, row.plugin, column), ())
                if cell.run in reported.results
            ]
            if score is None or not filled:
                continue
            runs = {cell.repetition: reported.results[cell.run] for cell in filled}
            deployed = max(
                runs[cell.repetition].networks[cell.deployment].parameters for cell in filled
            )
            found.append(
                _Cost(
                    column_heading(column, table.scenario),
                    row,
                    deployed,
                    mean({n: run.trained_parameters for n, run in runs.items()}) or 0,
                    mean({n: run.seconds for n, run in runs.items()}) or 0,
                    mean({n: run.images_per_second for n, run in runs.items()}) or 0,
                    score,
                    frozenset(cell.run for cell in filled if runs[cell.repetition].shared_device),
                )
            )
    return found


def _grid(costs: Sequence[_Cost]) -> Grid:
    columns = without_repeats(cost.column for cost in costs)
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


def _charts(table: Table, costs: Sequence[_Cost]) -> ChartBlock:
    caption = (
        f"{scenario_heading(table.scenario, table.columns)}. The line joins the methods that no "
        "other one beats at the same cost or less (Pareto front); TEACHER, which sees other "
        "modalities, is not among them. Training: that of the method alone, without its teacher's."
    )
    by_size = _rows(costs, lambda cost: cost.deployed / 1e6)
    by_time = _rows(costs, lambda cost: cost.seconds)
    charts = [
        Chart("Score against deployed parameters", _spec(table.metric, "parameters (M)"), by_size),
        Chart("Score against training", _spec(table.metric, "seconds of training"), by_time),
    ]
    columns = list(dict.fromkeys(cost.column for cost in costs))
    return ChartBlock(charts, [Filter("column", "data", columns)], caption)


def _rows(costs: Sequence[_Cost], price: Callable[[_Cost], float]) -> list[DataRow]:
    fronts = {column: _front(costs, column, price) for column in {cost.column for cost in costs}}
    return [
        {
            "column": cost.column,
            "method": row_label(cost.row),
            "price": round(price(cost), 3),
            "score": float(percent(cost.score)),
            "front": cost.row in fronts[cost.column],
            "aside": cost.row.method == TEACHER,
        }
        for cost in costs
    ]


def _front(costs: Sequence[_Cost], column: str, price: Callable[[_Cost], float]) -> set[Row]:
    """The rows of a column that no other one beats: as cheap with a higher score, or cheaper."""
    own = [cost for cost in costs if cost.column == column and cost.row.method != TEACHER]
    return {own[place].row for place in pareto_front([(price(cost), cost.score) for cost in own])}


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
