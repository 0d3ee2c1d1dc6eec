"""Classes one by one: their scores, and what networks take them for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmark.records.scores import AnyScores
from benchmark.reporting.html.blocks import Chart, ChartBlock
from benchmark.reporting.html.blocks import Row as DataRow
from benchmark.reporting.html.charts import BASELINE, LINE, METHOD, labels, line_sizes, tooltip
from benchmark.reporting.html.confusions import confusion_charts
from benchmark.reporting.html.stored import Shown, filters_of
from benchmark.reporting.tables import Row, row_label
from benchmark.statistics.class_scores import class_scores

MOST_NUMBERS = 400_000  # in all confusion matrices of a page


class _Scored(NamedTuple):
    """A row in one place, with the names of the classes and the scores of its repetitions."""

    place: Mapping[str, str]
    row: Row
    classes: Sequence[str]
    scores: Sequence[AnyScores]


def class_block(shown: Sequence[Shown], baseline: Row | None, where: str) -> ChartBlock | None:
    """Scores and confusions to choose from, beside the baseline's; None where there are none.

    Args:
        shown: rows with their records.
        baseline: the row that is beside whatever is chosen; None for none.
        where: what is shown, the start of the caption.
    """
    found = [scored for one in shown if (scored := _scored(one)) is not None]
    reference = {tuple(one.place.values()): one.scores for one in found if one.row == baseline}
    others = [one for one in found if one.row != baseline]
    if not others:
        return None
    name = _name_of(others[0].scores[0])
    charts = [Chart(f"{name} of each class", _spec(name), _rows(others, reference))]
    beside = f" Grey: {row_label(baseline)}." if reference and baseline else ""
    caption = (
        f"{where}. {name} on the test set: mean over repetitions, and a stroke for each.{beside}"
    )
    if sum(2 * len(one.classes) ** 2 for one in others) <= MOST_NUMBERS:
        caption += (
            " Squares: what is predicted (columns) of each true class (rows), in percent of it, "
            "all repetitions together; in the difference, blue is more and orange less."
        )
        charts += confusion_charts(
            [(one.place, row_label(one.row), one.classes, one.scores) for one in others],
            reference,
            row_label(baseline) if baseline else "",
        )
    return ChartBlock(charts, filters_of([one for one in shown if one.row != baseline]), caption)


def _scored(shown: Shown) -> _Scored | None:
    """None where a record lacks what the row is about, or records do not fit together."""
    found = [(one.record.data.class_names, one.scored) for one in shown.repetitions]
    scores = [network.selected.test for _, network in found if network is not None]
    classes = found[0][0]
    alike = all(names == classes for names, _ in found)
    square = all(np.shape(one.confusion) == (len(classes), len(classes)) for one in scores)
    if not (scores and alike and square):
        return None
    return _Scored(shown.place, shown.row, classes, scores)


def _name_of(scores: AnyScores) -> str:
    """What the score of a class is called."""
    return next(iter(scores.of_classes), "F1")


def _percents(scores: AnyScores) -> list[float | None]:
    """The score of each class in percent; None for a class without one."""
    stored = next(iter(scores.of_classes.values()), None)
    values = class_scores(scores.confusion).f1.tolist() if stored is None else stored
    return [None if value is None else 100 * value for value in values]


def _rows(
    others: Sequence[_Scored], reference: Mapping[tuple[str, ...], Sequence[AnyScores]]
) -> list[DataRow]:
    rows: list[DataRow] = []
    for shown, row, classes, scores in others:
        own = list(map(_percents, scores))
        other = list(map(_percents, reference.get(tuple(shown.values()), ())))
        for place, name in enumerate(classes):
            dots = [value for one in own if (value := one[place]) is not None]
            beside = [value for one in other if (value := one[place]) is not None]
            rows.append(
                {
                    **shown,
                    "method": row_label(row),
                    "class": name,
                    "mean": _mean(dots),
                    "baseline": _mean(beside),
                    "dot": [round(value, 2) for value in dots],
                }
            )
    return rows


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 2) if values else None


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
