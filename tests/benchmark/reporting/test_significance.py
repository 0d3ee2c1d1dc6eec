"""Marks, statistics and rank diagrams of a report: what its numbers support."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from benchmark.records.result import RunResult, result_of
from benchmark.reporting.report import write_report
from benchmark.reporting.significance.comparisons import Predictions

MakeGrid = Callable[..., Any]


def test_a_mark_stands_where_the_corrected_test_says_so_and_nowhere_else(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    noise = [0.0, 0.011, -0.007, 0.004, -0.009]

    def score(method: str, _: str, repetition: int) -> float:
        # KDv1 is ten points above STUDENT in every repetition, DisCoM-KD by chance one above.
        if method == "kd_v1":
            return 0.6 + noise[repetition] / 10 + 1e-4 * (repetition % 2)
        by_chance = 0.01 + noise[(repetition * 2 + 1) % 5] if method == "discom_kd" else 0.0
        return 0.5 + noise[repetition] / 10 + by_chance

    grid = make_grid(methods=["kd_v1", "discom_kd"], plugins=["none"], seeds=5)
    grid.fill(score)
    files = grid.report(tmp_path)
    rows = grid.rows(files["md"])
    assert rows["KDv1", "ORIG"][0].endswith("↑*")
    assert rows["DisCoM-KD", "-"][0].endswith("↑†")
    assert rows["STUDENT", "-"][0].endswith("†")
    assert r"$^{*}$" in files["tex"]
    last_epoch = files["md"].split("## ")[2]
    assert "*" not in last_epoch.split("\n- ")[0].replace("**", "")
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    assert len(frame) == 2 * (2 * 3)
    kept = frame.query("method == 'kd_v1' and dataset == 'tristar_miniature'").iloc[0]
    assert kept["difference"] == pytest.approx(0.1, abs=1e-3)
    assert kept["holm_p_value"] < 0.001
    assert kept["sign_flip_p_value"] == 0.0625


def test_too_few_repetitions_are_said_to_be_too_few(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(seeds=1)
    grid.fill(grid.score)
    assert "no difference here can be told from chance" in grid.report(tmp_path)["md"]
    grid = make_grid(seeds=2)
    grid.fill(grid.score)
    text = grid.report(tmp_path)["md"]
    assert "Only 2 repetitions" in text
    assert "no distribution-free two-sided test can fall below p = 0.5" in text


def _sized(grid: Any) -> dict[str, RunResult]:
    """Results on a data set of 180 samples, 60 of them in test."""
    sizes = {"train_samples": 100, "validation_samples": 20, "test_samples": 60}
    return {
        key: result_of(record.model_copy(update={"data": record.data.model_copy(update=sizes)}))
        for key, record in grid.records.items()
    }


def _guesses(grid: Any, right: Callable[[str], NDArray[np.bool_]]) -> Predictions:
    """Predictions of two classes on the test samples 0 to 59, right where a method's are."""
    targets = np.random.default_rng(0).integers(0, 2, 60)

    def predictions(key: str, _: Collection[str]) -> dict[str, NDArray[np.int64]]:
        predicted = np.where(right(grid.plan.runs[key].spec.method), targets, 1 - targets)
        deployed = dict.fromkeys(grid.records[key].deployments, predicted)
        return {"indices": np.arange(60), "targets": targets, **deployed}

    return predictions


def _statistics(grid: Any, folder: Path, predictions: Predictions | None) -> pd.DataFrame:
    args = (grid.suite, grid.plan.cells, grid.summaries, _sized(grid), folder)
    report = write_report(*args, *([] if predictions is None else [predictions]))
    return pd.read_csv(report.folder / "table1_statistics.csv")


def test_test_samples_are_resampled_where_predictions_are_kept(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(methods=["kd_v1"], plugins=["none"])
    grid.fill(grid.score)
    random = np.random.default_rng(0)
    found = _guesses(grid, lambda method: random.random(60) < (0.95 if method == "kd_v1" else 0.6))
    frame = _statistics(grid, tmp_path, found)
    against_student = frame[frame["against"] == "baseline"]
    assert (against_student["bootstrap_low"] > 0.1).all()
    assert (against_student["bootstrap_high"] < 0.7).all()
    assert _statistics(grid, tmp_path, None)["bootstrap_low"].isna().all()


def test_all_repetitions_and_methods_share_the_resamples_of_the_data_set(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    """Repetitions that tested the same on the same samples tell no more than one of them.

    If each drew its own resamples, their mean would vary less and look more certain than it is.
    """

    def right(method: str) -> NDArray[np.bool_]:
        # Like STUDENT (a reference) on most samples; DisCoM-KD is as KDv1.
        return np.arange(60) % (3 if method == "reference" else 5) > 0

    intervals = []
    for seeds in (1, 4):
        grid = make_grid(methods=["kd_v1", "discom_kd"], plugins=["none"], seeds=seeds)
        grid.fill(grid.score)
        frame = _statistics(grid, tmp_path, _guesses(grid, right))
        compared = frame[frame["against"] == "baseline"]
        found = compared[["bootstrap_low", "bootstrap_high"]].drop_duplicates()
        assert len(found) == 1  # of all data sets and both methods: they have equal predictions
        intervals.append(found.iloc[0].to_list())
        assert intervals[-1][0] < intervals[-1][1]
    assert intervals[0] == pytest.approx(intervals[1], abs=1e-12)


def test_average_ranks_are_drawn_with_their_n(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    grid.report(tmp_path)
    folder = tmp_path / "table1"
    assert (folder / "table1_ranks_cross_modal.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "table1_statistics.md").read_text()
    assert "N = 3 columns; 1 is best. Friedman's test: p = " in text
    assert "| DisCoM-KD | 1.00 |" in text
    assert "table1_ranks_cross_modal.png" in text
    grid = make_grid(methods=["kd_v1"], plugins=["none"])  # two rows cannot be ranked
    grid.fill(grid.score)
    grid.report(tmp_path)
    assert not (folder / "table1_ranks_cross_modal.png").exists()


def test_a_row_that_is_not_ranked_does_not_stop_the_figure(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(lambda *cell: None if cell[0] == "discom_kd" and cell[2] else grid.score(*cell))
    grid.report(tmp_path)
    assert (tmp_path / "table1" / "table1_ranks_cross_modal.png").is_file()
    text = (tmp_path / "table1" / "table1_statistics.md").read_text()
    assert "Incomplete, not ranked: DisCoM-KD." in text
