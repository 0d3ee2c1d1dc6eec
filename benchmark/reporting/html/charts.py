"""What the charts of a page have in common.

Colours are variables of the page, so that a chart follows it from light to dark and to paper.
"""

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


def filled_if_marked() -> dict[str, Any]:
    """Filled where the row is `marked`, hollow elsewhere."""
    return {"condition": {"test": "datum.marked", "value": METHOD}, "value": PAPER}


def zero_line(axis: str = "x") -> dict[str, Any]:
    """A line where there is no difference."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1, "opacity": 0.55},
        "encoding": {axis: {"datum": 0, "type": "quantitative"}},
    }
