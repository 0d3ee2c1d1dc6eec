"""Whether distillation can help in a column, by what teacher and student tell of each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.config import Suite
from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.fidelity import StoredLogits
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading
from benchmark.reporting.significance.controls import control_names
from benchmark.reporting.significance.resampled import Predictions
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_behind, row_label
from benchmark.reporting.wording import column_heading, coverage
from benchmark.statistics import mean, standard_deviation
from benchmark.statistics.information import label_information, shared_information
from benchmark.statistics.percent import points
from methods import Kind
from methods.registry import METHODS

INFORMATION_NOTE = (
    "Information, in nats: what the logits of TEACHER and of STUDENT tell of each other (Kraskov "
    "et al. 2004), and what those of STUDENT tell of the labels (Ross 2014), from nearest "
    "neighbours among the test samples, selected checkpoints. Cross-modal distillation is expected "
    "to help where the first is larger (Xie et al. 2025, arXiv 2510.13182). Logits may tell less "
    "than embeddings, and the first estimate falls short where much is shared. Gains are those of "
    "the distilled students' means over STUDENT's, in points; controls are not among them."
)
_HEADINGS = (
    *("", "I(teacher; student)", "I(student; labels)", "first larger"),
    *("mean gain", "best gain"),
)


@dataclass(frozen=True)
class _Measured:
    """Of one repetition of a column, in nats."""

    shared: float
    of_labels: float


def information_grid(
    suite: Suite,
    table: Table,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    predictions: Predictions,
    logits: StoredLogits,
) -> Grid:
    """Columns of a table below each other, information and gains beside each other.

    Args:
        suite: of the table.
        table: of selected checkpoints, which stored logits are of.
        cells: of the suite.
        results: of finished runs by key.
        predictions: where the true classes of the test samples come from.
        logits: where the logits come from.
    """
    behind = cells_behind(table, cells)
    rows = []
    for column in table.columns:
        if column.dataset == AVERAGE:
            continue
        found: dict[str, dict[int, Cell]] = {
            name: {cell.repetition: cell for cell in behind.get((name, "none", column), ())}
            for name in (TEACHER, STUDENT)
        }
        measured = {
            repetition: values
            for repetition, student in found[STUDENT].items()
            if (teacher := found[TEACHER].get(repetition)) is not None
            and {teacher.run, student.run} <= results.keys()
            and (values := _measure(teacher, student, predictions, logits)) is not None
        }
        heading = column_heading(column, table.scenario)
        rows.append(_row(heading, measured, len(suite.seeds), _gains(suite, table, column)))
    headings = [Heading(text) for text in _HEADINGS]
    return Grid([headings], [Align.LEFT] + [Align.RIGHT] * (len(_HEADINGS) - 1), rows)


def _measure(
    teacher: Cell, student: Cell, predictions: Predictions, logits: StoredLogits
) -> _Measured | None:
    """From the stored logits of both, of the same test samples; None where some are missing."""
    one, other = _logits_of(teacher, logits), _logits_of(student, logits)
    stored = predictions(student.run, ("targets",))
    if one is None or other is None or stored is None:
        return None
    return _Measured(shared_information(one, other), label_information(other, stored["targets"]))


def _logits_of(cell: Cell, logits: StoredLogits) -> NDArray[np.float16] | None:
    return (logits(cell.run, (cell.deployment,)) or {}).get(cell.deployment)


def _gains(suite: Suite, table: Table, column: Column) -> dict[Row, float]:
    """Over STUDENT, of the distilled students of a column that have a mean, controls aside."""
    distil = {
        entry.column for entry in suite.methods if METHODS.get(entry.name).kind is Kind.DISTILLATION
    }
    distil -= set(control_names(suite))
    means = {row: table.entries[row, column].mean for row in table.rows}
    student = next((means[row] for row in table.rows if row.method == STUDENT), None)
    return {
        row: found - student
        for row, found in means.items()
        if row.method in distil and found is not None and student is not None
    }


def _row(
    heading: str, measured: Mapping[int, _Measured], expected: int, gains: Mapping[Row, float]
) -> GridRow:
    larger = sum(one.shared > one.of_labels for one in measured.values())
    best = max(gains, key=lambda row: gains[row], default=None)
    return GridRow(
        [
            GridCell(heading),
            _summary({number: one.shared for number, one in measured.items()}, expected),
            _summary({number: one.of_labels for number, one in measured.items()}, expected),
            GridCell(f"{larger} of {len(measured)}" if measured else None),
            GridCell(points(sum(gains.values()) / len(gains)) if gains else None, signed=True),
            GridCell(None)
            if best is None
            else GridCell(points(gains[best]), remark=row_label(best), signed=True),
        ]
    )


def _summary(values: Mapping[int, float], expected: int) -> GridCell:
    centre, spread = mean(values), standard_deviation(values)
    if centre is None:
        return GridCell(None)
    return GridCell(
        f"{centre:.2f}",
        deviation="" if spread is None else f"{spread:.2f}",
        remark=coverage(len(values), expected),
    )
