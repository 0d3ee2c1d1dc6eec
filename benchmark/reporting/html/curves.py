"""How the networks trained: validation scores and losses of every repetition."""

import math
from collections.abc import Sequence

from benchmark.reporting.html.blocks import Chart, ChartBlock
from benchmark.reporting.html.blocks import Row as DataRow
from benchmark.reporting.html.charts import BASELINE, METHOD, tooltip
from benchmark.reporting.html.shown import Shown, filters_of
from benchmark.reporting.tables import Row, row_label
from benchmark.reporting.wording import sentence_start

MOST_POINTS = 300  # of a curve; of more epochs every second, third, ... is drawn


def curve_block(
    shown: Sequence[Shown], baseline: Row | None, metric: str, where: str
) -> ChartBlock | None:
    """Curves to choose from, beside the baseline's; None where there is nothing to choose.

    Args:
        shown: rows with their records.
        baseline: the row that is beside whatever is chosen; None for none.
        metric: what the scores are called.
        where: what is shown, the start of the caption.
    """
    shown = [one for one in shown if one.repetitions[0].cell.evaluate is None]  # parts have none
    others = [one for one in shown if one.row != baseline]
    if not others:
        return None
    scores: list[DataRow] = []
    losses: list[DataRow] = []
    for place, row, repetitions in shown:
        shared = {**place, "line": row_label(row)}
        if row != baseline:
            shared["method"] = row_label(row)
        for one in repetitions:
            selected = one.network.selected.epoch
            scored = [100 * value for value in one.network.validation_curve]
            common = {**shared, "repetition": one.cell.repetition}
            scores.append({**common, **_curve(scored, selected)})
            losses.append({**common, **_curve(one.record.loss_curve, selected)})
    beside = f", beside {row_label(baseline)} in grey" if baseline else ""
    name = f"validation {metric}, %"
    return ChartBlock(
        [
            Chart(sentence_start(name), _spec(name), scores),
            Chart("Training loss", _spec("training loss"), losses),
        ],
        filters_of(others),
        f"{where}. Every line is a repetition{beside}; the dot is the epoch that was selected.",
    )


def _curve(values: Sequence[float], selected: int) -> DataRow:
    """A curve whose epochs count from 1; what is not finite is left out."""
    every = max(1, math.ceil(len(values) / MOST_POINTS))
    at = values[selected] if selected < len(values) else math.nan
    return {
        "values": [_short(value) for value in values[::every]],
        "every": every,
        "selected": selected + 1,
        "at": _short(at),
    }


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _spec(name: str) -> dict[str, object]:
    """Lines over epochs, and a dot where the selected epoch is."""
    colour = {
        "condition": {"test": "isValid(datum.method)", "value": METHOD},
        "value": BASELINE,
    }
    across = {"type": "quantitative", "title": "epoch", "axis": {"grid": False, "tickMinStep": 1}}
    up = {"type": "quantitative", "title": name, "scale": {"zero": False}}
    shown = tooltip(("line", "method"), ("repetition", "repetition"))
    return {
        "width": "container",
        "height": 230,
        "config": {"axisY": {"grid": True}},
        "layer": [
            {
                "transform": [
                    {"flatten": ["values"]},
                    {
                        "window": [{"op": "row_number", "as": "place"}],
                        "groupby": ["column", "line", "repetition"],
                    },
                    {"calculate": "(datum.place - 1) * datum.every + 1", "as": "epoch"},
                ],
                "mark": {"type": "line", "strokeWidth": 1.2, "opacity": 0.75},
                "encoding": {
                    "x": {"field": "epoch", **across},
                    "y": {"field": "values", **up},
                    "detail": [{"field": "line"}, {"field": "repetition"}],
                    "stroke": colour,
                    "tooltip": shown,
                },
            },
            {
                "transform": [{"filter": "datum.at !== null"}],
                "mark": {"type": "circle", "size": 45, "opacity": 1},
                "encoding": {
                    "x": {"field": "selected", **across},
                    "y": {"field": "at", **up},
                    "fill": colour,
                    "tooltip": [
                        *shown,
                        *tooltip(("selected", "selected epoch"), ("at", name, ".4~g")),
                    ],
                },
            },
        ],
    }
