"""Suites on data with one class per pixel: what their task fills in, and what it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.planning.config import Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import Plan, make_plan
from benchmark.planning.tasks import with_task_settings
from core.errors import UserError
from datasets import open_dataset
from methods.contract import SEGMENTATION
from methods.plugins import Plugin
from methods.registry import PLUGINS, register_plugin

Write = Callable[..., Path]


@pytest.fixture
def plan(write_maps: Write, tmp_path: Path) -> Callable[..., Plan]:
    """Plan a small suite, some keys changed; `data` changes the arrays of its archive."""

    def make(data: dict[str, Any] | None = None, **changes: Any) -> Plan:
        suite = _suite(tmp_path, write_maps(**(data or {})), **changes)
        return make_plan(suite, take_inventory(suite, tmp_path))

    return make


def _suite(folder: Path, archive: Path, **changes: Any) -> Suite:
    path = folder / "suite.yaml"
    path.write_text("name: s\nscenario: multi_modal\ndatasets: []\nmethods: [kd_v2]\n")
    entry = {"name": "own", "npz": str(archive), **changes.pop("entry", {})}
    return read_suite(str(path), {"datasets": [entry], "seeds": 1, **changes})


def test_the_task_fills_in_the_papers_settings(plan: Callable[..., Plan]) -> None:
    (spec, *_) = [run.spec for run in plan().runs.values()]
    training = spec.model_dump(mode="json")["training"]
    assert training == {
        "epochs": 140,
        "batch_size": 8,
        "learning_rate": 6e-5,
        "precision": "fp32",
        "weight_decay": 0.01,
        "warm_up_epochs": 10,
        "decay_power": 0.9,
    }
    assert spec.network == {"backbone": "resnet50", "weights": "imagenet", "output_stride": 16}
    assert spec.model_dump(mode="json")["augmentation"]["scales"] == [0.5, 0.75, 1, 1.25, 1.5, 1.75]


def test_a_shorter_training_warms_up_for_as_large_a_share(plan: Callable[..., Plan]) -> None:
    for epochs, expected in ((28, 2), (4, 0)):
        (run, *_) = plan(training={"epochs": epochs}).runs.values()
        assert run.spec.training.warm_up_epochs == expected
    (run, *_) = plan(training={"epochs": 28, "warm_up_epochs": 9}).runs.values()
    assert run.spec.training.warm_up_epochs == 9


@pytest.mark.parametrize(
    "changes",
    [
        {"network": {"backbone": "resnet18"}},
        {"network": {"weights": "none"}},
        {"augmentation": {"flip": 0.25}},
        {"training": {"decay_power": 1.0}},
    ],
)
def test_every_setting_is_part_of_the_keys(
    plan: Callable[..., Plan], changes: dict[str, Any]
) -> None:
    assert not plan().runs.keys() & plan(**changes).runs.keys()


def test_a_default_that_is_written_out_changes_no_key(plan: Callable[..., Plan]) -> None:
    written = plan(
        network={"output_stride": 16}, training={"epochs": 140}, augmentation={"hue": 0.1}
    )
    assert plan().runs.keys() == written.runs.keys()


def test_the_view_of_a_teacher_is_part_of_its_students_keys_alone(
    plan: Callable[..., Plan],
) -> None:
    shared, apart = (
        {run.spec.method: key for key, run in plan(protocol=protocol).runs.items()}
        for protocol in ("as_described", {"base": "as_described", "teacher_view": "independent"})
    )
    assert shared["reference"] == apart["reference"]
    assert shared["kd_v2"] != apart["kd_v2"]


def test_a_smoke_run_is_short_and_small_whatever_the_suite_says(plan: Callable[..., Plan]) -> None:
    (run, *_) = plan(smoke=True, network={"backbone": "resnet50", "output_stride": 8}).runs.values()
    assert run.spec.training.epochs == 2
    assert run.spec.network == {"backbone": "resnet18", "weights": "none", "output_stride": 8}


def test_what_is_filled_in_is_filled_in_once(write_maps: Write, tmp_path: Path) -> None:
    suite = _suite(tmp_path, write_maps())
    summaries = take_inventory(suite, tmp_path)
    filled = with_task_settings(suite, summaries)
    assert filled.training.epochs == 140
    assert with_task_settings(filled, summaries) == filled
    assert make_plan(suite, summaries).runs.keys() == make_plan(filled, summaries).runs.keys()


def test_classes_that_no_test_image_has_are_named(write_maps: Write, tmp_path: Path) -> None:
    labels = np.zeros((20, 16, 16), np.int64)
    labels[:, 8:] = 1
    suite = _suite(tmp_path, write_maps(labels=labels, ignore_index=None), seeds=2)
    (summary,) = take_inventory(suite, tmp_path)
    assert summary.notes == ("in no test image, and left out of mean IoU: bright",)
    labels[_test_images(summary)[0], 0, 0] = 2
    suite = _suite(tmp_path, write_maps(labels=labels, ignore_index=None), seeds=2)
    (summary,) = take_inventory(suite, tmp_path)
    assert summary.notes[0].startswith("in no test image, and left out of mean IoU: bright (repet")


def _test_images(summary: DatasetSummary) -> list[int]:
    """Those of the first repetition that the second does not test."""
    dataset = open_dataset(summary.source)
    first, second = (set(dataset.split("paper", i).test.tolist()) for i in (0, 1))
    return sorted(first - second)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": ["dkd"]}, "'dkd' does not serve segmentation, which own is of; choose among "),
        ({"plugins": ["lskd"]}, "the plug-in 'lskd' does not serve segmentation"),
        ({"entry": {"label_noise": 0.5}}, "label_noise redraws labels of classification"),
        ({"network": {"backbone": "resnet34"}}, "network.backbone is 'resnet34', but it should be"),
        ({"network": {"weigths": "none"}}, "unknown key 'network.weigths'.*'weights'"),
        ({"augmentation": {"scale": [1]}}, "unknown key 'augmentation.scale'.*'scales'"),
        ({"augmentation": {"crop": [32, 16]}}, "crop: 32 x 16 pixels, but the images are 16 x 16"),
        ({"training": {"warm_up_epochs": 140}}, "warm_up_epochs is 140, but there are 140 epochs"),
        ({"training": {"batch_size": 16}}, "training part has 14 images, fewer than a batch of 16"),
        ({"fidelity": True}, "fidelity is made from the logits of all test samples"),
    ],
)
def test_what_segmentation_has_not_is_refused_in_one_sentence(
    plan: Callable[..., Plan], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message) as refusal:
        plan(**changes)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": {"backbone": "resnet18"}}, "network.backbone: the networks of classification"),
        ({"augmentation": {"flip": 0.5}}, "augmentation.flip: classification is augmented by"),
        ({"training": {"decay_power": 0.9}}, "training.decay_power is for tasks whose learning"),
        (
            {"protocol": {"base": "as_described", "teacher_view": "independent"}},
            "teacher_view=independent, but in classification it is shared",
        ),
    ],
)
def test_what_classification_has_not_is_refused_in_one_sentence(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    suite = read_suite("table1", changes)
    with pytest.raises(UserError, match=message):
        make_plan(suite, take_inventory(suite, tmp_path))


class Halved(Plugin):
    name = "halved"
    label = "halving"
    tasks = frozenset({SEGMENTATION})

    def transform(self, logits: torch.Tensor) -> torch.Tensor:
        return logits / 2


def test_plug_ins_leave_masked_distillation_alone_unless_it_distils_logits(
    plan: Callable[..., Plan],
) -> None:
    register_plugin(Halved)
    with_logits = {"name": "masked_generative", "variant": "logits", "logits_weight": 3.0}
    try:
        planned = plan(methods=["kd_v2", "masked_generative", with_logits], plugins=["halved"])
    finally:
        PLUGINS.remove("halved")
    found = {(cell.method, cell.plugin) for cell in planned.cells}
    assert found - {("teacher", "none"), ("student", "none")} == {
        ("kd_v2", "halved"),
        ("masked_generative", "none"),
        ("masked_generative (logits)", "halved"),
    }


def test_a_suite_is_of_one_task(write_maps: Write, write_npz: Write, tmp_path: Path) -> None:
    suite = _suite(tmp_path, write_maps())
    other = suite.datasets[0].model_copy(update={"name": "other", "npz": write_npz()})
    both = suite.model_copy(update={"datasets": (*suite.datasets, other)})
    summaries = take_inventory(both, tmp_path)
    with pytest.raises(UserError, match="own is of segmentation, other is of classification"):
        make_plan(both, summaries)
