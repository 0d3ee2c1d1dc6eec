"""Runs of segmentation from an archive to records: teachers, resumption, what is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.label_maps import NO_CLASS
from benchmark.records.run_files import MAPS
from benchmark.records.scores import SegmentationScores
from benchmark.records.store import ResultStore
from benchmark.running.worker import Worker
from benchmark.statistics.resampled_iou import mean_iou_of
from benchmark.training.segmentation import engine
from benchmark.training.segmentation.order import draw_image_orders

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("tiny_networks")


class StoppedError(Exception):
    """The training is to end here, as if its process did."""


@pytest.fixture
def runs(write_maps: Callable[..., Path], tmp_path: Path) -> Callable[..., list[PlannedRun]]:
    """Plan a small suite, some keys changed."""

    def plan(**changes: Any) -> list[PlannedRun]:
        suite = tmp_path / "suite.yaml"
        suite.write_text("name: s\nscenario: multi_modal\ndatasets: []\nmethods: [kd_v2]\n")
        settings = {
            "datasets": [{"name": "own", "npz": str(write_maps())}],
            "seeds": 1,
            "training": {"epochs": 3, "batch_size": 4, "learning_rate": 0.01},
            **changes,
        }
        read = read_suite(str(suite), settings)
        return list(make_plan(read, take_inventory(read, tmp_path)).runs.values())

    return plan


def _store(folder: Path) -> ResultStore:
    store = ResultStore(folder)
    store.prepare()
    return store


def _numbers(store: ResultStore, run: PlannedRun) -> dict[str, Any]:
    record = store.lookup(run.key)
    assert record is not None
    curves = {"loss_curve", "term_curves", "findings", "teacher_weights"}
    return record.model_dump(include={"key", "spec", "data", "deployments", "files", *curves})


@pytest.mark.parametrize("stop", [1, 2])
@pytest.mark.parametrize("mode", ["eval", "train"])
def test_a_stopped_training_goes_on_to_the_same_bits(
    runs: Callable[..., list[PlannedRun]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: int,
    mode: str,
) -> None:
    planned = runs(protocol={"base": "as_described", "teacher_mode": mode})
    whole, parts = _store(tmp_path / "whole"), _store(tmp_path / "parts")
    for run in planned:
        Worker(whole, CPU, keep_all_weights=True).execute(run)

    def draw(repetition: int, epoch: int, *arguments: Any) -> Any:
        if epoch == stop:
            raise StoppedError
        return draw_image_orders(repetition, epoch, *arguments)

    for run in planned:
        with monkeypatch.context() as patch:
            patch.setattr(engine, "draw_image_orders", draw)
            with pytest.raises(StoppedError):
                Worker(parts, CPU, True, snapshot_minutes=0).execute(run)
        Worker(parts, CPU, True, snapshot_minutes=0).execute(run)
        assert _numbers(parts, run) == _numbers(whole, run)
        record = parts.lookup(run.key)
        assert record is not None
        assert record.resources.continued == 1


def test_a_record_has_scores_of_pixels_and_maps_of_some_images(
    runs: Callable[..., list[PlannedRun]], tmp_path: Path
) -> None:
    store = _store(tmp_path / "results")
    run = runs()[0]
    Worker(store, CPU).execute(run)
    record = store.lookup(run.key)
    assert record is not None
    ((name, result),) = record.deployments.items()
    scores = result.selected.test
    assert isinstance(scores, SegmentationScores)
    assert result.selected.validation.headline == max(result.validation_curve)
    kept = store.read_predictions(run.key)
    assert kept[name].sum(axis=0).tolist() == scores.confusion
    assert mean_iou_of(kept[name].sum(axis=0)[None])[0] == pytest.approx(scores.mean_iou)
    with np.load(store.files.loose(run.key, MAPS)) as maps:
        assert set(maps) == {"indices", "targets", name}
        assert maps[name].dtype == maps["targets"].dtype == np.uint8
        assert maps[name].shape == maps["targets"].shape == (len(maps["indices"]), 16, 16)
        place = kept["indices"].tolist().index(maps["indices"][0])
        valid = maps["targets"][0] != 255
        hits = ((maps[name][0] == maps["targets"][0]) & valid).sum()
        assert hits == kept[name][place].diagonal().sum()


def test_kept_maps_tell_pixels_without_a_class_from_the_class_of_their_label(
    runs: Callable[..., list[PlannedRun]], write_maps: Callable[..., Path], tmp_path: Path
) -> None:
    labels = np.random.default_rng(0).integers(0, 3, (20, 16, 16))
    archive = write_maps("zero", labels=labels, ignore_index=np.array(0))
    store = _store(tmp_path / "results")
    run = runs(datasets=[{"name": "own", "npz": str(archive)}])[0]
    Worker(store, CPU).execute(run)
    kept = store.find_maps(run.key)
    assert kept is not None
    stored = labels[kept.indices]
    assert np.array_equal(kept.truth, np.where(stored == 0, NO_CLASS, stored))
    assert kept.class_names == ("dark", "mixed", "bright")


def test_an_incomplete_batch_is_left_out(
    runs: Callable[..., list[PlannedRun]], tmp_path: Path
) -> None:
    store = _store(tmp_path / "results")
    run = runs(training={"epochs": 1, "batch_size": 4})[0]
    Worker(store, CPU).execute(run)
    record = store.lookup(run.key)
    assert record is not None
    assert record.data.train_samples % 4 == 2
    assert record.spec.training.warm_up_epochs == 0


def test_a_teacher_may_see_views_of_its_own(
    runs: Callable[..., list[PlannedRun]], tmp_path: Path
) -> None:
    shared = runs()
    apart = runs(protocol={"base": "as_described", "teacher_view": "independent"})
    assert [run.key for run in shared][:3] == [run.key for run in apart][:3]
    store = _store(tmp_path / "results")
    worker = Worker(store, CPU)
    for run in (*shared, *apart):
        worker.execute(run)
    curves = [store.lookup(run.key).loss_curve for run in (shared[-1], apart[-1])]  # type: ignore[union-attr]
    assert shared[-1].key != apart[-1].key
    assert curves[0] != curves[1]
