"""Where gains come from, class by class: the baseline's scores, and what methods add to them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.record import Record
from benchmark.records.result import RunResult
from benchmark.records.scores import AnyScores
from benchmark.reporting.pictures.curves import StoredRecords
from benchmark.reporting.pictures.style import (
    LINE,
    SMALL,
    Width,
    canvas,
    label_lines,
)
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_by_entry, row_label
from benchmark.reporting.wording import column_heading
from benchmark.statistics.class_scores import class_scores
from core.errors import UserError

_NUMBER = 0.22  # inches of a number in a cell
_FULL = 20.0  # points of a full colour
# Orange is worse and blue better, which the colour-blind tell apart.
SHADES = LinearSegmentedColormap.from_list("worse_better", ["#D55E00", "#FFFFFF", "#0072B2"])


def draw_classes(
    table: Table,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    records: StoredRecords,
    width: Width,
) -> Figure:
    """Methods in lines, the classes of the first column of the table across.

    The first line is the baseline's score of each class in percent, the others what a method adds
    in points; means over repetitions.

    Args:
        table: of selected checkpoints.
        cells: of its suite.
        results: of finished runs by key.
        records: where the confusion matrices are.
        width: of the figure.

    Raises:
        UserError: no baseline or no method is finished, or the figure is taller than a page.
    """
    column = next(column for column in table.columns if column.dataset != AVERAGE)
    found = scores_by_row(table, column, cells, results, records)
    means = {row: _mean([scores for _, scores in own]) for row, own in found.items()}
    baseline = table.baseline_row
    where = column_heading(column, table.scenario)
    if baseline not in means or len(means) < 2:
        raise UserError(
            f"no method on {where} can be compared class by class with a baseline; train the suite "
            "first, or choose another data set with --datasets"
        )
    assert baseline is not None
    others = [row for row in means if row != baseline]
    added = np.stack([means[row] - means[baseline] for row in others])
    record, scores = found[baseline][0]
    names = record.data.class_names
    figure = canvas(width, LINE * len(means) + 1.35)
    panel = figure.subplots()
    shades = np.vstack([np.zeros_like(added[:1]), added])
    panel.imshow(shades, cmap=SHADES, vmin=-_FULL, vmax=_FULL, aspect="auto")
    if len(names) * _NUMBER < width.inches - 1.0:
        for (line, place), value in np.ndenumerate(np.vstack([means[baseline], added])):
            if not np.isfinite(value):
                continue
            points = round(float(value))
            text = f"{points:+d}" if line and points else f"{points}"
            ink = "white" if line and abs(value) > 0.7 * _FULL else "black"
            panel.text(place, line, text, ha="center", va="center", fontsize=SMALL, color=ink)
    panel.axhline(0.5, color="black", linewidth=0.8)
    label_lines(panel, [f"{row_label(baseline)}, %", *map(row_label, others)])
    panel.set_ylim(len(means) - 0.5, -0.5)
    panel.set_xticks(range(len(names)), names, rotation=90, parse_math=False)
    panel.tick_params(axis="x", length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)
    figure.supxlabel(
        f"{next(iter(scores.of_classes), 'F1')} of each class, and points more or less\n({where})",
        fontsize=SMALL + 1,
        parse_math=False,
    )
    return figure


def scores_by_row(
    table: Table,
    column: Column,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    records: StoredRecords,
) -> dict[Row, list[tuple[Record, AnyScores]]]:
    """Records and test scores of the finished repetitions of each row but TEACHER."""
    own = (cell for cell in cells if cell.scenario is table.scenario)
    behind = cells_by_entry(own, (column,))
    found: dict[Row, list[tuple[Record, AnyScores]]] = {}
    for row in table.rows:
        for cell in behind.get((row.method, row.plugin, column), ()):
            record = records(cell.run) if cell.run in results else None
            if record is None or row.method == TEACHER or cell.evaluate is not None:
                continue
            scores = record.deployments[cell.deployment].selected.test
            found.setdefault(row, []).append((record, scores))
    return found


def _mean(repetitions: Sequence[AnyScores]) -> NDArray[np.float64]:
    """Percent of each class; NaN for one that no repetition has a score of."""
    values = np.array([_percents(scores) for scores in repetitions])
    counts = np.sum(np.isfinite(values), axis=0)
    sums = np.nansum(values, axis=0)
    means: NDArray[np.float64] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means


def _percents(scores: AnyScores) -> list[float]:
    stored = next(iter(scores.of_classes.values()), None)
    values = class_scores(scores.confusion).f1.tolist() if stored is None else stored
    return [float("nan") if value is None else 100 * value for value in values]
