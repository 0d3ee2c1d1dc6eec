"""Marks, statistics and rank diagrams of a report: what its numbers support."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from benchmark.records.result import RunResult, result_of
from benchmark.reporting.report import write_report
from benchmark.reporting.significance.resampled import Predictions

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
    assert frame["checkpoint"].value_counts().to_dict() == {"selected": 12, "last": 12}
    kept = frame.query("method == 'kd_v1' and dataset == 'tristar_miniature'").iloc[0]
    assert kept["difference"] == pytest.approx(0.1, abs=1e-3)
    assert kept["holm_p_value"] < 0.001
    assert kept["sign_flip_p_value"] == 0.0625
    assert (kept["win_probability"], kept["test_to_training"]) == (1, pytest.approx(2 / 7))
    assert kept["t_p_value"] < kept["corrected_t_p_value"]
    assert kept["corrected_low"] < kept["ci_low"] < kept["ci_high"] < kept["corrected_high"]


def test_a_table_without_a_baseline_explains_the_mark_that_it_has(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(
        references=["teacher"], methods=["kd_v1", "discom_kd"], plugins=["none"], seeds=5
    )
    grid.fill(
        lambda method, _, repetition: (
            (0.6 if method == "kd_v1" else 0.5) + 0.001 * (repetition * len(method) % 3)
        )
    )
    text = grid.report(tmp_path)["md"]
    assert grid.rows(text)["DisCoM-KD", "-"][0].endswith("†")
    reading = [line for line in text.splitlines() if line.startswith("- ")]
    (marks,) = [line for line in reading if line.startswith("- Bold")]
    assert marks.endswith("†: falls short of it by more than chance.")
    assert sum(line.startswith("- Test of †: corrected resampled") for line in reading) == 1
    assert "differs from" not in text


def test_columns_of_two_teachers_are_told_apart_in_the_csv(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    entry = {"name": "tristar", "student": "DEPTH"}
    teachers = ["THERMAL", ["THERMAL", "DEPTH"]]
    grid = make_grid(
        datasets=[{**entry, "teacher": teacher} for teacher in teachers],
        methods=["label_smoothing", "kd_v1"],
        plugins=["none"],
    )
    grid.fill(lambda *_: 0.5)
    grid.report(tmp_path)
    statistics, controls = (
        pd.read_csv(tmp_path / "table1" / f"table1_{name}.csv")
        for name in ("statistics", "controls")
    )
    keys = ["dataset", "teacher_modality", "evaluated_modality", "method", "plugin"]
    for frame, others in ((statistics, ["against", "checkpoint"]), (controls, ["control"])):
        assert set(frame["teacher_modality"]) == {"THERMAL", "THERMAL+DEPTH"}
        assert not frame.duplicated([*keys, *others]).any()


def test_last_epochs_are_tested_as_a_family_of_their_own(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    noise = [0.0, 0.011, -0.007, 0.004, -0.009]
    grid = make_grid(methods=["kd_v1"], plugins=["none"], seeds=5)
    grid.fill(lambda *_: 0.5)
    for key, record in grid.records.items():
        better = record.spec.method == "kd_v1"
        value = 0.4 + better * (0.1 + noise[record.spec.repetition] / 10)
        deployments = {}
        for name, found in record.deployments.items():
            test = found.last.test.model_copy(update={"weighted_f1": value})
            last = found.last.model_copy(update={"test": test})
            deployments[name] = found.model_copy(update={"last": last})
        grid.records[key] = record.model_copy(update={"deployments": deployments})
    _, selected, last, _ = grid.report(tmp_path)["md"].split("## ")
    assert "↑*" not in selected
    assert last.count("↑*") == 3


def test_too_few_repetitions_are_said_to_be_too_few(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(seeds=1)
    grid.fill(grid.score)
    assert "no difference here can be told from chance" in grid.report(tmp_path)["md"]
    grid = make_grid(seeds=2)
    grid.fill(grid.score)
    text = grid.report(tmp_path)["md"]
    assert "With 2 repetitions and 9 comparisons, only a mean difference of at least" in text
    assert "cannot fall below p = 0.5 with 2 repetitions" in text


def test_data_with_one_split_of_its_own_is_marked_by_the_plain_test(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    noise = [0.0, 0.011, -0.007, 0.004, -0.009]

    def score(method: str, _: str, repetition: int) -> float:
        return 0.5 + (0.05 + noise[repetition] if method == "kd_v1" else 0.0)

    grid = make_grid(methods=["kd_v1"], plugins=["none"], seeds=5)
    grid.fill(score)
    grid.summaries = [replace(summary, one_split=True) for summary in grid.summaries]
    files = grid.report(tmp_path)
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    assert frame["test_to_training"].isna().all()
    assert frame["corrected_t_p_value"].isna().all()
    found = frame.query("checkpoint == 'selected' and against == 'baseline'")
    assert found["holm_p_value"].to_list() == pytest.approx((3 * found["t_p_value"]).to_list())
    assert "paired t-test, as all repetitions have the split that came with the data" in files["md"]
    assert "corrected" not in files["md"]


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
    against_student = frame.query("against == 'baseline' and checkpoint == 'selected'")
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
        compared = frame.query("against == 'baseline' and checkpoint == 'selected'")
        found = compared[["bootstrap_low", "bootstrap_high"]].drop_duplicates()
        assert len(found) == 1  # of all data sets and both methods: they have equal predictions
        intervals.append(found.iloc[0].to_list())
        assert intervals[-1][0] < intervals[-1][1]
    assert intervals[0] == pytest.approx(intervals[1], abs=1e-12)


def _by_group(make_grid: MakeGrid, groups: NDArray[np.int64] | None) -> Any:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH", "split": "by_group"}
    grid = make_grid(datasets=[entry], methods=["kd_v1"], plugins=["none"])
    grid.fill(grid.score)
    grid.summaries = [replace(summary, groups=groups) for summary in grid.summaries]
    return grid


def _interval(grid: Any, folder: Path) -> tuple[float, float]:
    found = _guesses(grid, lambda method: np.arange(60) % 5 > (0 if method == "kd_v1" else 1))
    frame = _statistics(grid, folder, found)
    row = frame.query("against == 'baseline' and checkpoint == 'selected'").iloc[0]
    return row["bootstrap_low"], row["bootstrap_high"]


def test_whole_groups_are_resampled_where_the_data_is_split_by_group(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    # 180 samples, 60 of them in test: each a group of its own, then five at a time, of which one
    # method has the first wrong and the other the first two: errors that go together.
    single = _interval(_by_group(make_grid, np.arange(180)), tmp_path)
    together = _interval(
        _by_group(make_grid, np.arange(180) % 5 + 5 * (np.arange(180) // 30)), tmp_path
    )
    assert together[1] - together[0] > 1.5 * (single[1] - single[0])
    text = (tmp_path / "table1" / "table1_statistics.md").read_text()
    assert "no interval over test samples" not in text


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (np.arange(180) // 30, "a test set has 2 groups of samples that belong together"),
        (None, "only the data itself says which samples belong together, and it is not here"),
    ],
)
def test_groups_that_cannot_be_resampled_give_no_interval_and_a_reason(
    make_grid: MakeGrid, tmp_path: Path, groups: NDArray[np.int64] | None, reason: str
) -> None:
    assert np.isnan(_interval(_by_group(make_grid, groups), tmp_path)).all()
    text = (tmp_path / "table1" / "table1_statistics.md").read_text()
    assert f"no interval over test samples, as {reason}" in text


def test_average_ranks_are_held_against_the_baseline(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(suite="table2")
    grid.fill(grid.score)
    grid.report(tmp_path)
    text = (tmp_path / "table2" / "table2_statistics.md").read_text()
    assert "N = 6 columns of 3 data sets, which are not independent; 1 is best." in text
    assert "Whether ranks differ at all (Iman and Davenport): p" in text
    assert "whether a rank differs from that of STUDENT, after Holm's correction" in text
    assert "| method | average rank | p |" in text
    assert "| STUDENT | 3.00 | - |" in text
    assert "Nemenyi" not in text
    assert "Friedman" not in text
    assert not list((tmp_path / "table2").glob("*_ranks_*"))  # of three data sets


def _five_data_sets(folder: Path) -> list[dict[str, str]]:
    """Own data of two modalities."""
    entries = []
    for number in range(5):
        path = folder / f"own{number}.npz"
        images = np.random.default_rng(number).integers(0, 255, (30, 1, 16, 16), dtype=np.uint8)
        np.savez(path, A=images, B=images, labels=np.arange(30) % 2)
        names = {"name": f"own{number}", "npz": str(path)}
        entries.append({**names, "teacher": "A", "student": "B"})
    return entries


def test_ranks_of_five_data_sets_are_drawn(make_grid: MakeGrid, tmp_path: Path) -> None:
    entries = _five_data_sets(tmp_path)
    grid = make_grid(datasets=entries)
    # A row that is not ranked does not stop the figure.
    grid.fill(
        lambda *cell: None if cell[:2] == ("kd_v1", "lskd") and cell[2] else grid.score(*cell)
    )
    grid.report(tmp_path)
    folder = tmp_path / "table1"
    assert (folder / "table1_ranks_cross_modal.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "table1_statistics.md").read_text()
    assert "| DisCoM-KD | 1.00 |" in text
    assert "Incomplete, not ranked: KDv1 w/ LSKD." in text
    assert "table1_ranks_cross_modal.png" in text
    grid = make_grid(datasets=entries[:4])  # too few
    grid.fill(grid.score)
    grid.report(tmp_path)
    assert not (folder / "table1_ranks_cross_modal.png").exists()
