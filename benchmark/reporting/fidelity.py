"""Fidelity to the teacher and calibration of every cell of a suite that asks for them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.record import predictions_name
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, without_repeats
from benchmark.reporting.significance.resampled import Predictions
from benchmark.reporting.tables import AVERAGE, Table, cells_behind
from benchmark.reporting.wording import column_heading, coverage
from benchmark.statistics import mean, standard_deviation
from benchmark.statistics.fidelity import (
    BINS,
    expected_calibration_error,
    negative_log_likelihood,
    teacher_agreement,
    teacher_divergence,
)
from benchmark.statistics.percent import percent

# From a run's key and names of networks to their stored test logits, by name; None where they are
# not there.
StoredLogits = Callable[[str, Collection[str]], Mapping[str, NDArray[np.float16]] | None]
# Metric -> value, for each cell that has any.
Fidelity = Mapping[Cell, Mapping[str, float]]

AGREEMENT, DIVERGENCE, CALIBRATION, LIKELIHOOD = "teacher_agreement", "teacher_kl", "ece", "nll"
_HEADINGS = {
    AGREEMENT: "agreement",
    DIVERGENCE: "KL, nats",
    CALIBRATION: "ECE",
    LIKELIHOOD: "NLL, nats",
}
_IN_PERCENT = {AGREEMENT, CALIBRATION}


def measure_fidelity(
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    predictions: Predictions,
    logits: StoredLogits,
) -> Fidelity:
    """What the stored test logits of the selected checkpoints say, for every cell that has them.

    A cell is compared with the TEACHER cell of its repetition, whatever it learned from; where the
    suite has no such row, and for TEACHER itself, it has no agreement and no divergence.

    Args:
        cells: of one suite.
        results: of finished runs by key.
        predictions: where the true classes of the test samples come from.
        logits: where the logits come from.
    """
    teachers: dict[tuple[object, ...], NDArray[np.float16] | None] = {}
    for cell in cells:
        if cell.method == TEACHER and cell.run in results:
            teachers[_situation(cell)] = _logits_of(cell, logits)
    found: dict[Cell, dict[str, float]] = {}
    for cell in cells:
        own = _logits_of(cell, logits) if cell.run in results else None
        stored = None if own is None else predictions(cell.run, ("targets",))
        if own is None or stored is None:
            continue
        targets = stored["targets"]
        values = {
            CALIBRATION: expected_calibration_error(own, targets),
            LIKELIHOOD: negative_log_likelihood(own, targets),
        }
        teacher = teachers.get(_situation(cell))
        if teacher is not None and cell.method != TEACHER:
            values[AGREEMENT] = teacher_agreement(own, teacher)
            values[DIVERGENCE] = teacher_divergence(own, teacher)
        found[cell] = values
    return found


def _situation(cell: Cell) -> tuple[object, ...]:
    """What a cell has in common with its teacher's."""
    return cell.dataset, cell.scenario, cell.teacher_modality, cell.repetition


def _logits_of(cell: Cell, logits: StoredLogits) -> NDArray[np.float16] | None:
    name = predictions_name(cell.deployment, cell.evaluate)
    return (logits(cell.run, (name,)) or {}).get(name)


def fidelity_grid(table: Table, cells: Iterable[Cell], fidelity: Fidelity) -> Grid:
    """The columns of a table below each other, the metrics beside each other."""
    behind = cells_behind(table, cells)
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    rows = []
    for column in columns:
        heading = column_heading(column, table.scenario)
        labels = without_repeats(row.label for row in table.rows)
        for label, row in zip(labels, table.rows, strict=True):
            values = [
                (cell.repetition, fidelity[cell])
                for cell in behind.get((row.method, row.plugin, column), ())
                if cell in fidelity
            ]
            expected = table.entries[row, column].expected
            rows.append(
                GridRow(
                    [
                        GridCell(heading),
                        GridCell(label),
                        GridCell(None if row.variant == "-" else row.variant),
                        *(
                            _summary(
                                metric,
                                {number: one[metric] for number, one in values if metric in one},
                                expected,
                            )
                            for metric in _HEADINGS
                        ),
                    ]
                )
            )
            heading = ""
    headings = [Heading(text) for text in ("", "method", "", *_HEADINGS.values())]
    return Grid([headings], [Align.LEFT] * 3 + [Align.RIGHT] * len(_HEADINGS), rows)


def _summary(metric: str, values: Mapping[int, float], expected: int) -> GridCell:
    """Mean and standard deviation of a metric over repetitions."""
    centre, spread = mean(values), standard_deviation(values)
    if centre is None:
        return GridCell(None)
    written = percent if metric in _IN_PERCENT else "{:.3f}".format
    return GridCell(
        written(centre),
        deviation="" if spread is None else written(spread),
        remark=coverage(len(values), expected),
    )


def fidelity_notes(
    cells: Sequence[Cell], results: Mapping[str, RunResult], fidelity: Fidelity
) -> list[str]:
    """What the metrics mean, and how many finished cells have none, as sentences."""
    notes = [
        "Fidelity and calibration are those of the selected checkpoint on the test set. Agreement: "
        "percent of the samples for which a network predicts what TEACHER of the same repetition "
        "predicts; KL: mean divergence KL(TEACHER || network). ECE: expected calibration error in "
        f"percent, {BINS} bins of equal width, each with its upper end; NLL: mean negative log "
        "likelihood. Logits are stored in float16."
    ]
    finished = [cell for cell in cells if cell.run in results]
    if missing := sum(cell not in fidelity for cell in finished):
        notes.append(
            f"{missing} of {len(finished)} finished cells have no fidelity and calibration, as the "
            "test logits of their runs are not in the results folder."
        )
    return notes


def fidelity_records(fidelity: Fidelity) -> list[dict[str, Any]]:
    """All values, for JSON."""
    return [
        {
            "dataset": cell.dataset,
            "scenario": cell.scenario.value,
            "teacher_modality": cell.teacher_modality,
            "evaluated_modality": cell.evaluated_modality,
            "method": cell.method,
            "plugin": cell.plugin,
            "seed": cell.repetition,
            **values,
        }
        for cell, values in fidelity.items()
    ]
