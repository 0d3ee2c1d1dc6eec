"""All values of a suite in long form: one row a value."""

import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmark.planning.config import Suite
from benchmark.planning.plan import Cell
from benchmark.records.result import PartScores, RunResult
from benchmark.reporting.tables import LAST, SELECTED, scores_of

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
    "run",
    "device",
    "precision",
    "numerics",
    "versions",
    "git_commit",
    "seconds",
    "parameters",
)
_CELL = COLUMNS[: COLUMNS.index("metric")]
_RUN = COLUMNS[COLUMNS.index("run") :]
_NUMBERS = {"seed", "numerics", "seconds", "parameters"}
# Checkpoint -> part of the split -> what stands before the names of its scores.
_PREFIXES = {
    SELECTED: {"test": "", "validation": "validation_"},
    LAST: {"test": "last_", "validation": "validation_last_"},
}


def long_form(
    suite: Suite,
    cells: Sequence[Cell],
    results: Mapping[str, RunResult],
    further: Mapping[Cell, Mapping[str, float]] = {},
) -> pd.DataFrame:
    """One row per finished cell and metric, columns as `COLUMNS`; scores in [0, 1].

    Metrics are test scores of the selected checkpoint, named as the task's scores name them
    (`weighted_f1`, `macro_f1` and `accuracy` in classification), of the last epoch (`last_` before
    the name), and validation scores (`validation_` before that), then those of `further`, which has
    other metrics of some cells by name.
    `run` is the key of the record that the rest is from: `numerics` the version of the training
    engine, `seconds` those of the training, `parameters` those of the deployed network.
    """
    filled = [cell for cell in cells if cell.run in results]
    metrics = [
        [*_metrics(cell, results[cell.run]), *further.get(cell, {}).items()] for cell in filled
    ]
    cell_of_row = np.repeat(np.arange(len(filled)), [len(found) for found in metrics])
    # A row a cell first: texts that repeat in a million rows would take most of a report's memory.
    frame = pd.DataFrame(
        [
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
                *_facts(cell, results[cell.run]),
            )
            for cell in filled
        ],
        columns=[*_CELL, *_RUN],
    )
    texts = [name for name in frame if name not in _NUMBERS]
    frame = frame.astype(dict.fromkeys(texts, "category")).take(cell_of_row)
    frame["metric"] = pd.Categorical([name for found in metrics for name, _ in found])
    frame["value"] = [value for found in metrics for _, value in found]
    return frame[list(COLUMNS)]


def _facts(cell: Cell, result: RunResult) -> tuple[object, ...]:
    return (
        cell.run,
        result.device,
        result.precision,
        result.numerics,
        result.versions,
        result.git_commit,
        result.seconds,
        result.networks[cell.deployment].parameters,
    )


def _metrics(cell: Cell, result: RunResult) -> Iterator[tuple[str, float]]:
    for checkpoint, parts in _PREFIXES.items():
        found = scores_of(result, cell, checkpoint)
        for part, prefix in parts.items() if found is not None else ():
            scores: PartScores = getattr(found, part)
            for name, value in zip(scores.metrics, scores.values, strict=True):
                yield sys.intern(prefix + name), value
