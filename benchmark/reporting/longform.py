"""All values of a suite in long form: one row a value."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from benchmark.config import Suite
from benchmark.plan import Cell
from benchmark.records import Record, Scores
from benchmark.reporting.tables import LAST, SELECTED, evaluation_of

COLUMNS = (
    "suite",
    "dataset",
    "scenario",
    "teacher_modality",
    "evaluated_modality",
    "method",
    "plugin",
    "protocol",
    "seed",
    "metric",
    "value",
)
_SCORES = ("weighted_f1", "macro_f1", "accuracy")


def long_form(suite: Suite, cells: Sequence[Cell], records: Mapping[str, Record]) -> pd.DataFrame:
    """One row per finished cell and metric, columns as `COLUMNS`; values in [0, 1].

    Metrics are test scores of the selected checkpoint (`weighted_f1`, `macro_f1`, `accuracy`), of
    the last epoch (`last_` before the name), and validation scores (`validation_` before that).
    """
    rows = [
        (
            suite.name,
            cell.dataset,
            cell.scenario.value,
            cell.teacher_modality,
            cell.evaluated_modality,
            cell.method,
            cell.plugin,
            suite.protocol.name,
            cell.repetition,
            metric,
            value,
        )
        for cell in cells
        if cell.run in records
        for metric, value in _metrics(cell, records[cell.run])
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _metrics(cell: Cell, record: Record) -> Iterator[tuple[str, float]]:
    for checkpoint, prefix in ((SELECTED, ""), (LAST, "last_")):
        evaluation = evaluation_of(record, cell, checkpoint)
        if evaluation is None:
            continue
        parts: tuple[tuple[str, Scores], ...] = (
            ("", evaluation.test),
            ("validation_", evaluation.validation),
        )
        for part, scores in parts:
            for name in _SCORES:
                yield f"{part}{prefix}{name}", getattr(scores, name)
