"""Writes the report of tuning beside that of the suite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.figures import SUFFIXES, ReportFigure
from benchmark.reporting.grid import Grid
from benchmark.reporting.markdown import render_markdown, render_pictures
from benchmark.reporting.nested import as_json, run_records
from benchmark.reporting.report import Report, as_csv, write_files
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import metric_of
from benchmark.reporting.tuning.curves import Curve, curve_of, draw_curves
from benchmark.reporting.tuning.findings import TunedCell, find_cells
from benchmark.reporting.tuning.grids import (
    choices_grid,
    expected_grid,
    gains_grid,
    range_values,
    scores_grid,
    space_grid,
)
from benchmark.reporting.tuning.latex import render_tuning_latex
from benchmark.reporting.tuning.text import tuning_notes
from benchmark.reporting.wording import report_title
from benchmark.tuning.plan import TunedPlan, TuningPlan

TRIAL_COLUMNS = (
    *("suite", "dataset", "scenario", "teacher_modality", "evaluated_modality"),
    *("method", "plugin"),
    *("trial", "state", "hyperparameter", "value", "validation_score", "best"),
)
EXPECTED = "Expected best validation score"
CURVE_COLUMNS = (*TRIAL_COLUMNS[:7], "trials", "expected_validation_score")


def write_tuning(
    suite: Suite,
    trials: TuningPlan,
    tuned: TunedPlan,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    reports_folder: Path,
) -> Report:
    """Write `<suite>_tuning.md`, `.tex`, `.csv` and `.json`, and the expected best scores.

    The `.tex` has scores and gains, the `.csv` a row for each hyper-parameter of each trial;
    `<suite>_tuning_expected.csv`, `.png` and `.pdf` show the expected best validation score against
    the number of trials.

    Args:
        suite: what was tuned.
        trials: its trials.
        tuned: its rows with the best values.
        cells: of the suite as it is.
        summaries: its data sets.
        results: of finished runs by key, those of trials and tuned rows among them.
        reports_folder: holds one folder per suite.

    Raises:
        UserError: the folder cannot be written to.
    """
    found = find_cells(suite, trials, tuned, cells, summaries, results)
    metric = metric_of(summaries)
    curves = [curve_of(cell) for cell in found]
    stem = f"{suite.name}_tuning"
    figures = []
    if any(len(curve.expected) > 1 for curve in curves):
        drawn = draw_curves(curves, metric)
        files = {f"{stem}_expected.{suffix}": content for suffix, content in drawn.items()}
        figures = [ReportFigure(EXPECTED, files, "Dodge et al. (EMNLP 2019), equation 2.")]
    small_print = tuning_notes(suite, trials, found, metric)
    title = f"{report_title(suite)}: default against tuned"
    compared = _compared(found)
    further = _further(found, curves, trials.tuning.trials)
    markdown = render_markdown(title, (), small_print, [*compared, *further])
    contents = {
        f"{stem}.md": (markdown + render_pictures(figures)).encode(),
        f"{stem}.tex": render_tuning_latex(stem, title, compared, small_print).encode(),
        f"{stem}.csv": as_csv(_trial_frame(suite, found)),
        f"{stem}_expected.csv": as_csv(_curve_frame(suite, curves)),
        f"{stem}.json": as_json(
            _content(suite, trials, tuned, found, curves, small_print.all, results)
        ),
    }
    for one in figures:
        contents |= one.files
    obsolete = [f"{stem}_expected.{suffix}" for suffix in SUFFIXES]
    folder = write_files(reports_folder / suite.name, contents, obsolete)
    summary = render_markdown(title, (), replace(small_print, columns=(), notes=()), compared)
    grids = [(f"Tuned: {heading}", grid) for heading, grid in (*compared, *further)]
    return Report(
        folder,
        markdown,
        summary,
        grids=tuple(grids),
        tables=(f"{stem}.tex",),
        drawings=tuple(figures),
    )


def _compared(found: Sequence[TunedCell]) -> list[tuple[str, Grid]]:
    """Default beside tuned: scores, and gains where there is a baseline."""
    grids = [("Scores on the test set", scores_grid(found))]
    if any(cell.gain_by_default is not None for cell in found):
        baseline = next(cell.label for cell in found if cell.gain_by_default is None)
        grids.append((f"Gain over {baseline}", gains_grid(found)))
    return grids


def _further(
    found: Sequence[TunedCell], curves: Sequence[Curve], trials: int
) -> list[tuple[str, Grid]]:
    """What was chosen, from what, and what it was worth."""
    grids = [("Best values", choices_grid(found)), ("Search space", space_grid(found))]
    if any(curve.expected for curve in curves):
        grids.append((f"{EXPECTED} by trials", expected_grid(curves, trials)))
    return grids


def _names(suite: Suite, cell: TunedCell) -> tuple[str, ...]:
    scenario, dataset, *names = cell.contender
    return suite.name, dataset, str(scenario), *names


def _trial_frame(suite: Suite, found: Sequence[TunedCell]) -> pd.DataFrame:
    rows = [
        (
            *_names(suite, cell),
            trial.number,
            cell.outcome.state(trial.number),
            name,
            value,
            score,
            trial.number == cell.outcome.best,
        )
        for cell in found
        for trial, score in zip(cell.trials, cell.outcome.scores, strict=True)
        for name, value in {**cell.space.defaults, **trial.values}.items()
    ]
    return pd.DataFrame(rows, columns=[*TRIAL_COLUMNS])


def _curve_frame(suite: Suite, curves: Sequence[Curve]) -> pd.DataFrame:
    rows = [
        (*_names(suite, curve.cell), count, value)
        for curve in curves
        for count, value in enumerate(curve.expected, 1)
    ]
    return pd.DataFrame(rows, columns=[*CURVE_COLUMNS])


def _content(
    suite: Suite,
    trials: TuningPlan,
    tuned: TunedPlan,
    found: Sequence[TunedCell],
    curves: Sequence[Curve],
    notes: Sequence[str],
    results: Mapping[str, RunResult],
) -> dict[str, Any]:
    return {
        "suite": suite.model_dump(mode="json"),
        "trials": trials.tuning.trials,
        "tuning_repetitions": list(trials.repetitions),
        "notes": list(notes),
        "cells": [_record(cell, curve, trials) for cell, curve in zip(found, curves, strict=True)],
        "runs": run_records([*trials.plan.cells, *tuned.plan.cells], results),
    }


def _record(cell: TunedCell, curve: Curve, trials: TuningPlan) -> dict[str, Any]:
    return {
        **dict(zip(TRIAL_COLUMNS[1:7], _names(trials.suite, cell)[1:], strict=True)),
        "search_space": {
            name: {"default": cell.space.defaults[name], **range_values(range_)}
            for name, range_ in cell.space.ranges.items()
        },
        "trials": [
            {
                "number": trial.number,
                "state": cell.outcome.state(trial.number),
                "values": dict(trial.values),
                "validation_score": score,
                "runs": [one.run for one in trials.cells.get((cell.contender, trial.number), ())],
            }
            for trial, score in zip(cell.trials, cell.outcome.scores, strict=True)
        ],
        "best": cell.outcome.best,
        "expected_validation_scores": list(curve.expected),
        "default": {str(seed): value for seed, value in sorted(cell.default.values.items())},
        "tuned": {str(seed): value for seed, value in sorted(cell.tuned.values.items())},
        "change": _difference(cell.change),
        "gain_by_default": _difference(cell.gain_by_default),
        "gain_tuned": _difference(cell.gain_tuned),
    }


def _difference(tested: Tested | None) -> dict[str, Any] | None:
    if tested is None or (comparison := tested.comparison) is None:
        return None
    return {
        "n": comparison.n,
        "difference": comparison.difference,
        "interval": comparison.interval,
        "t_p_value": comparison.t_p_value,
        "test_to_training": comparison.test_to_training,
        "corrected_interval": comparison.corrected_interval,
        "corrected_t_p_value": comparison.corrected_t_p_value,
        "holm_p_value": tested.holm_p,
    }
