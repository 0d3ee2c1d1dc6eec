"""Classes one by one: their scores, and what networks take them for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmark.reporting.class_percents import ClassRow, class_row
from benchmark.reporting.html.blocks import Chart, ChartBlock
from benchmark.reporting.html.blocks import Row as DataRow
from benchmark.reporting.html.charts import (
    BASELINE,
    LINE,
    METHOD,
    labels,
    line_sizes,
    rounded,
    tooltip,
)
from benchmark.reporting.html.confusions import confusion_charts
from benchmark.reporting.html.shown import Shown, filters_of
from benchmark.reporting.tables import Row, row_label

MOST_NUMBERS = 400_000  # in all confusion matrices of a page


class _Scored(NamedTuple):
    """A row in one place, with its classes."""

    shown: Shown
    classes: ClassRow


def class_block(shown: Sequence[Shown], baseline: Row | None, where: str) -> ChartBlock | None:
    """Scores and confusions to choose from, beside the baseline's; None where there are none.

    Args:
        shown: rows with their records.
        baseline: the row that is beside whatever is chosen; None for none.
        where: what is shown, the start of the caption.
    """
    found = [
        _Scored(one, classes)
        for one in shown
        if (classes := class_row(one.repetitions)) is not None
    ]
    reference = {_values(one.shown): one.classes for one in found if one.shown.row == baseline}
    others = [one for one in found if one.shown.row != baseline]
    if not others:
        return None
    name = others[0].classes.score_name
    charts = [Chart(f"{name} of each class", _spec(name), _rows(others, reference))]
    beside = f" Grey: {row_label(baseline)}." if reference and baseline else ""
    caption = (
        f"{where}. {name} on the test set: mean over repetitions, and a stroke for each.{beside}"
    )
    if sum(2 * len(one.classes.names) ** 2 for one in others) <= MOST_NUMBERS:
        caption += (
            " Squares: what is predicted (columns) of each true class (rows), in percent of it, "
            "all repetitions together; in the difference, blue is more and orange less."
        )
        charts += confusion_charts(
            [(shown.place, row_label(shown.row), classes) for shown, classes in others],
            reference,
            row_label(baseline) if baseline else "",
        )
    return ChartBlock(charts, filters_of([one.shown for one in others]), caption)


def _values(shown: Shown) -> tuple[str, ...]:
    """What tells a place from others."""
    return tuple(shown.place.values())


def _rows(
    others: Sequence[_Scored], reference: Mapping[tuple[str, ...], ClassRow]
) -> list[DataRow]:
    rows: list[DataRow] = []
    for shown, classes in others:
        beside = reference.get(_values(shown))
        grey = [None] * len(classes.names) if beside is None else beside.means
        for name, dots, own, other in zip(
            classes.names, classes.percents, classes.means, grey, strict=True
        ):
            rows.append(
                {
                    **shown.place,
                    "method": row_label(shown.row),
                    "class": name,
                    "mean": rounded(own, 2),
                    "baseline": rounded(other, 2),
                    "dot": [round(value, 2) for value in dots],
                }
            )
    return rows


def _spec(name: str) -> dict[str, object]:
    """Lines: classes; on each the method, its repetitions, and the baseline."""
    down = labels("class")
    across = {"type": "quantitative", "title": f"{name}, %", "scale": {"domain": [0, 100]}}
    shown = tooltip(
        ("class", "class"),
        ("method", "method"),
        ("mean", "method", ".1f"),
        ("baseline", "baseline", ".1f"),
    )
    point = {"type": "circle", "size": 75, "opacity": 1}
    return {
        **line_sizes("class"),
        "layer": [
            {
                "transform": [{"filter": "datum.mean !== null && datum.baseline !== null"}],
                "mark": {"type": "rule", "color": LINE, "strokeWidth": 3},
                "encoding": {
                    "x": {"field": "baseline", **across},
                    "x2": {"field": "mean"},
                    "y": down,
                },
            },
            {
                "transform": [{"flatten": ["dot"]}],
                "mark": {"type": "tick", "color": METHOD, "opacity": 0.5, "size": 9},
                "encoding": {"x": {"field": "dot", **across}, "y": down},
            },
            {
                "transform": [{"filter": "datum.baseline !== null"}],
                "mark": {**point, "color": BASELINE},
                "encoding": {"x": {"field": "baseline", **across}, "y": down, "tooltip": shown},
            },
            {
                "transform": [{"filter": "datum.mean !== null"}],
                "mark": {**point, "color": METHOD},
                "encoding": {"x": {"field": "mean", **across}, "y": down, "tooltip": shown},
            },
        ],
    }
