"""The tables of tuning."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.planning.search_space import EPOCH_SHARE
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, without_repeats
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import Entry
from benchmark.reporting.tuning.curves import Curve
from benchmark.reporting.tuning.findings import TunedCell
from benchmark.reporting.wording import DIFFERS, coverage, interval_text, p_value_text
from benchmark.statistics.percent import percent, points
from methods.search_space import Choice, LogUniform, Range

NOT_TUNED = "none"
_SHOWN_COUNTS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000)


def scores_grid(cells: Sequence[TunedCell]) -> Grid:
    """Test scores by default and tuned, and their difference with its test."""
    rows = [
        [
            _score(cell.default),
            _score(cell.tuned),
            *_difference(cell.change),
            GridCell(p_value_text(_p_value(cell.change))),
            GridCell(p_value_text(cell.change.holm_p)),
        ]
        for cell in cells
    ]
    headings = ("default", "tuned", "difference", "95 % interval", "p", "Holm")
    return _by_cell(cells, headings, rows)


def gains_grid(cells: Sequence[TunedCell]) -> Grid:
    """Gains over the baseline, both by default and both tuned; nothing of the baseline itself."""
    compared = [cell for cell in cells if cell.gain_by_default is not None]
    rows = [
        [
            part
            for gain in (cell.gain_by_default, cell.gain_tuned)
            if gain is not None
            for part in (*_difference(gain), GridCell(p_value_text(gain.holm_p)))
        ]
        for cell in compared
    ]
    headings = (
        *("gain by default", "95 % interval", "Holm"),
        *("gain tuned", "95 % interval", "Holm"),
    )
    return _by_cell(compared, headings, rows)


def choices_grid(cells: Sequence[TunedCell]) -> Grid:
    """The best trial of each row in each column, its validation score and its values."""
    rows = []
    for cell in cells:
        scores, best = cell.outcome.scores, cell.outcome.best
        rows.append(
            [
                GridCell(f"{cell.outcome.finished} of {len(scores)}", remark=_pruned(cell)),
                GridCell(None if scores[0] is None else percent(scores[0])),
                GridCell(None if best is None else percent(cell.outcome.scored[best])),
                GridCell(None if best is None else str(best)),
                GridCell(None if best is None else chosen_text(cell, best)),
            ]
        )
    headings = ("trials", "validation, default", "validation, best", "best trial", "values")
    return _by_cell(cells, headings, rows)


def chosen_text(cell: TunedCell, number: int) -> str:
    """The values of a trial in words."""
    values = cell.trials[number].values
    if not values:
        return "the default"
    epochs = cell.trials[number].configuration.training["epochs"] if EPOCH_SHARE in values else 0
    return ", ".join(
        f"{name} {value_text(value)}" + (f" (epochs: {epochs})" if name == EPOCH_SHARE else "")
        for name, value in values.items()
    )


def space_grid(cells: Sequence[TunedCell]) -> Grid:
    """What the trials of each row chose from: what all share once, then each row's own."""
    spaces = {cell.label: cell.space for cell in cells}
    lines: list[tuple[str, str, Any, Range]] = []
    first = next(iter(spaces.values()))
    shared = [
        name
        for name, range_ in first.ranges.items()
        if all(space.ranges.get(name) == range_ for space in spaces.values())
    ]
    lines += [("all rows", name, first.defaults[name], first.ranges[name]) for name in shared]
    for label, space in spaces.items():
        lines += [
            (label, name, space.defaults[name], range_)
            for name, range_ in space.ranges.items()
            if name not in shared
        ]
    labels = without_repeats(label for label, *_ in lines)
    return _grid(
        ("row", "hyper-parameter", "default", "tried"),
        2,
        [
            [GridCell(label), GridCell(name), GridCell(value_text(value)), GridCell(_text(range_))]
            for label, (_, name, value, range_) in zip(labels, lines, strict=True)
        ],
    )


def expected_grid(curves: Sequence[Curve], trials: int) -> Grid:
    """Expected best validation score after so many trials."""
    counts = [count for count in _SHOWN_COUNTS if count < trials] + [trials]
    rows = [
        [
            GridCell(None if len(curve.expected) < count else percent(curve.expected[count - 1]))
            for count in counts
        ]
        for curve in curves
    ]
    return _by_cell([curve.cell for curve in curves], [str(count) for count in counts], rows)


def value_text(value: Any) -> str:
    """A value of a hyper-parameter."""
    if value is None:
        return NOT_TUNED
    return f"{value:g}" if isinstance(value, float) else str(value)


def range_values(range_: Range) -> Mapping[str, Any]:
    """A range as a suite file has it."""
    if isinstance(range_, Choice):
        return {"choice": list(range_.values)}
    kind = "log_uniform" if isinstance(range_, LogUniform) else "uniform"
    return {kind: [range_.low, range_.high]}


def _text(range_: Range) -> str:
    if isinstance(range_, Choice):
        return f"one of {', '.join(map(value_text, range_.values))}"
    scale = ", on a logarithmic scale" if isinstance(range_, LogUniform) else ""
    return f"{range_.low:g} to {range_.high:g}{scale}"


def _pruned(cell: TunedCell) -> str:
    return f"{len(cell.outcome.pruned)} pruned" if cell.outcome.pruned else ""


def _score(entry: Entry) -> GridCell:
    remark = coverage(len(entry.values), entry.expected)
    if entry.mean is None:
        return GridCell(None, remark=remark)
    deviation = "" if entry.std is None else percent(entry.std)
    return GridCell(percent(entry.mean), deviation=deviation, remark=remark)


def _difference(tested: Tested) -> list[GridCell]:
    comparison = tested.comparison
    if comparison is None:
        return [GridCell(None), GridCell(None)]
    return [
        GridCell(points(comparison.difference), marks=DIFFERS * tested.significant),
        GridCell(interval_text(comparison.marking_interval)),
    ]


def _p_value(tested: Tested) -> float | None:
    return tested.comparison.marking_p_value if tested.comparison else None


def _by_cell(
    cells: Sequence[TunedCell], headings: Sequence[str], rows: Sequence[Sequence[GridCell]]
) -> Grid:
    """A table with data and method of each cell in front."""
    data = without_repeats(cell.heading for cell in cells)
    return _grid(
        ("data", "method", *headings),
        2,
        [
            [GridCell(heading), GridCell(cell.label), *row]
            for heading, cell, row in zip(data, cells, rows, strict=True)
        ],
    )


def _grid(headings: Sequence[str], left: int, rows: Sequence[Sequence[GridCell]]) -> Grid:
    aligned = [Align.LEFT] * left + [Align.RIGHT] * (len(headings) - left)
    return Grid([[Heading(text) for text in headings]], aligned, [GridRow(row) for row in rows])
