"""Which classes are taken for which: confusion matrices as charts."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.reporting.class_percents import ClassRow
from benchmark.reporting.html.blocks import Chart, Row
from benchmark.reporting.html.charts import INK, METHOD, PAPER, WORSE, labels, line_sizes, tooltip

_TEXT_UP_TO = 12  # classes of a matrix in which numbers have room


def confusion_charts(
    others: Sequence[tuple[Mapping[str, str], str, ClassRow]],
    reference: Mapping[tuple[str, ...], ClassRow],
    baseline: str,
) -> list[Chart]:
    """The matrices of the baseline and of a method, and their difference, to choose from.

    Args:
        others: place, method, and its classes.
        reference: values of a place -> the baseline's classes there.
        baseline: its name.
    """
    of_baseline = {values: one.shares for values, one in reference.items()}
    before: dict[tuple[str, ...], Row] = {}
    own: list[Row] = []
    apart: list[Row] = []
    for place, method, classes in others:
        shares = classes.shares
        common = {**place, "classes": classes.names}
        own.append({**common, "method": method, "share": _listed(shares)})
        values = tuple(place.values())
        other = of_baseline.get(values)
        if other is not None and other.shape == shares.shape:
            before[values] = {**common, "share": _listed(other)}
            apart.append({**common, "method": method, "share": _listed(shares - other)})
    spec = _spec("share, %", ".0f")
    charts = [Chart("The method's predictions", spec, own)]
    if before:
        charts += [
            Chart(f"Predictions of {baseline}", spec, list(before.values())),
            Chart(f"The method minus {baseline}, points", _spec("points", "+.0f"), apart),
        ]
    return charts


def _listed(shares: NDArray[np.float64]) -> list[float]:
    rounded: list[float] = np.round(shares, 1).ravel().tolist()
    return [int(value) if value == int(value) else value for value in rounded]


def _spec(name: str, written: str) -> dict[str, object]:
    """A square for each pair of classes, the fuller the more."""
    down = labels("true")
    across = {
        "field": "predicted",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelAngle": -45,
            "labelLimit": 110,
            "ticks": False,
            "domain": False,
        },
    }
    shown = tooltip(("true", "true"), ("predicted", "predicted"), ("share", name, written))
    return {
        **line_sizes("classes"),
        "transform": [
            {"flatten": ["share"]},
            {"window": [{"op": "row_number", "as": "place"}]},
            {"calculate": "length(datum.classes)", "as": "count"},
            {"calculate": "datum.classes[floor((datum.place - 1) / datum.count)]", "as": "true"},
            {"calculate": "datum.classes[(datum.place - 1) % datum.count]", "as": "predicted"},
        ],
        "encoding": {"x": across, "y": down},
        "layer": [
            {
                "transform": [{"calculate": "min(abs(datum.share), 100) / 100", "as": "weight"}],
                "mark": {"type": "rect"},
                "encoding": {
                    "fill": {
                        "condition": {"test": "datum.share < 0", "value": WORSE},
                        "value": METHOD,
                    },
                    "fillOpacity": {
                        "field": "weight",
                        "type": "quantitative",
                        "scale": {"type": "sqrt", "domain": [0, 1], "range": [0.02, 1]},
                        "legend": None,
                    },
                    "tooltip": shown,
                },
            },
            {
                "transform": [
                    {"filter": f"datum.count <= {_TEXT_UP_TO} && abs(datum.share) >= 0.5"}
                ],
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {
                    "text": {"field": "share", "type": "quantitative", "format": written},
                    "fill": {
                        "condition": {
                            "test": "abs(datum.share) > 35",
                            "value": PAPER,
                        },
                        "value": INK,
                    },
                },
            },
        ],
    }
