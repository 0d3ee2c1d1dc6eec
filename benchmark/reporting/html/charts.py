"""What the charts of a page have in common.

Colours are variables of the page, so that a chart follows it from light to dark and to paper.
"""

from collections.abc import Mapping, Sequence
from typing import Any

INK, FAINT, LINE, PAPER = "var(--ink)", "var(--faint)", "var(--line)", "var(--paper)"
METHOD, BASELINE, WORSE = "var(--method)", "var(--baseline)", "var(--worse)"


def labels(field: str) -> dict[str, Any]:
    """Names down the left side, in the order of the rows."""
    axis = {"title": None, "labelLimit": 230, "ticks": False, "domain": False, "labelPadding": 6}
    return {"field": field, "type": "nominal", "sort": None, "axis": axis}


def line_sizes(field: str) -> dict[str, Any]:
    """The size of a chart with a line for each value of a field."""
    return {"width": "container", "usermeta": {"lines": field}}


def tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[dict[str, Any]]:
    """What is shown of a mark: field, title, and for a number its format."""
    shown: list[dict[str, Any]] = []
    for name, title, *formats in fields:
        entry = {"field": name, "title": title, "type": "nominal"}
        if formats:
            entry |= {"type": "quantitative", "format": formats[0]}
        shown.append(entry)
    return shown


def rounded(value: float | None, digits: int) -> float | None:
    """A number as exact as a screen can show; None as it is."""
    return None if value is None else round(value, digits)


def interval_rule(
    across: Mapping[str, Any], down: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A layer: the interval from `low` to `high` of each row that has one.

    Args:
        across: how numbers are placed.
        down: how rows are.
        shown: the tooltip.
    """
    return {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": METHOD, "strokeWidth": 2},
        "encoding": {
            "x": {"field": "low", **across},
            "x2": {"field": "high"},
            "y": down,
            "tooltip": shown,
        },
    }


def mean_if_marked(
    field: str,
    across: Mapping[str, Any],
    down: Mapping[str, Any],
    shown: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """A layer: the mean of each row, filled where the row is `marked`, hollow elsewhere.

    Args:
        field: of the mean.
        across: how numbers are placed.
        down: how rows are.
        shown: the tooltip.
    """
    return {
        "mark": mean_point(),
        "encoding": {
            "x": {"field": field, **across},
            "y": down,
            "fill": {"condition": {"test": "datum.marked", "value": METHOD}, "value": PAPER},
            "tooltip": shown,
        },
    }


def mean_point() -> dict[str, Any]:
    """The mark of a mean."""
    return {
        "type": "point",
        "shape": "circle",
        "stroke": METHOD,
        "strokeWidth": 2,
        "size": 60,
        "opacity": 1,
    }


def zero_line() -> dict[str, Any]:
    """A layer: a line where there is no difference."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1, "opacity": 0.55},
        "encoding": {"x": {"datum": 0, "type": "quantitative"}},
    }
