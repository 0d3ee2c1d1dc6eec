"""Images that stay on disk give the batches and scores of those that are on the device."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.training.reading import PrefetchingReader
from benchmark.training.segmentation import pixels
from benchmark.training.segmentation.engine import SegmentationEngine, SegmentationTraining
from benchmark.training.segmentation.pixels import ResidentPixels, open_pixels
from benchmark.training.task import Need
from datasets import open_dataset
from methods import Problem, Sampling
from methods.contract import SEGMENTATION
from methods.networks.properties import modalities_of
from methods.tasks import network_of

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("tiny_networks")


@pytest.fixture
def run(write_maps: Callable[..., Path], tmp_path: Path) -> PlannedRun:
    """A student on 16-bit depth, with all augmentation, whose teacher sees colours."""
    depth = np.random.default_rng(3).integers(0, 60_000, (20, 1, 16, 16)).astype(np.uint16)
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        f"""
        name: own
        scenario: cross_modal
        datasets: [{{name: own, npz: {write_maps(DEPTH=depth)}, teacher: RGB, student: DEPTH}}]
        methods: [kd_v2]
        seeds: 1
        training: {{epochs: 2, batch_size: 4}}
        network: {{weights: none}}
        """
    )
    read = read_suite(str(suite))
    plan = make_plan(read, take_inventory(read, tmp_path))
    (found,) = (one for one in plan.runs.values() if one.spec.method == "kd_v2")
    return found


def _training(run: PlannedRun, sampling: Sampling, own_view: bool) -> SegmentationTraining:
    engine, spec = SegmentationEngine(), run.spec
    assert spec.teacher is not None
    dataset = open_dataset(run.source)
    data = engine.prepare(engine.load(dataset, CPU), spec)
    teacher = None
    if sampling is Sampling.PAIRED:
        network = network_of(Problem({"RGB": 3}, 3, seed=1, task=SEGMENTATION))
        view = "independent" if own_view else "shared"
        teacher = engine.teacher(network, spec.teacher.model_copy(update={"view": view}), data)
    need = Need(tuple(dataset.modalities), sampling, (), CPU)
    return engine.training(spec, need, data, teacher)


def _stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "_SHARE_OF_HOST", 0.0)


@pytest.mark.parametrize(
    ("sampling", "own_view"),
    [
        (Sampling.PAIRED, False),
        (Sampling.PAIRED, True),
        (Sampling.DECOUPLED, False),
        (Sampling.INDEPENDENT, False),
    ],
)
def test_streamed_batches_are_those_of_resident_images(
    run: PlannedRun, monkeypatch: pytest.MonkeyPatch, sampling: Sampling, own_view: bool
) -> None:
    resident = _training(run, sampling, own_view)
    assert isinstance(resident.data.pixels, ResidentPixels)
    _stream(monkeypatch)
    streamed = _training(run, sampling, own_view)
    assert isinstance(streamed.data.pixels, PrefetchingReader)

    for epoch in range(2):
        pairs = zip(resident.epoch(epoch), streamed.epoch(epoch), strict=True)
        for expected, found in ((resident.gather(a), streamed.gather(b)) for a, b in pairs):
            for name, images in expected.inputs.items():
                assert torch.equal(images, found.inputs[name])
                assert torch.equal(expected.targets[name], found.targets[name])
            if expected.teacher_logits is not None:
                assert found.teacher_logits is not None
                assert torch.equal(expected.teacher_logits, found.teacher_logits)


def test_streamed_scores_are_those_of_resident_images(
    run: PlannedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = network_of(Problem({"RGB": 3, "DEPTH": 1}, 3, seed=1, task=SEGMENTATION))
    assert modalities_of(network) == ("RGB", "DEPTH")
    expected = _training(run, Sampling.PAIRED, False).confusion(network, "validation")
    _stream(monkeypatch)
    found = _training(run, Sampling.PAIRED, False).confusion(network, "validation")
    assert expected.sum() > 0
    assert torch.equal(expected, found)


def test_arrays_that_fit_are_put_on_the_device() -> None:
    small = {"RGB": np.zeros((2, 3, 4, 4), np.uint8)}
    assert isinstance(open_pixels(small, CPU), ResidentPixels)
    huge = {"RGB": np.broadcast_to(np.zeros(1, np.uint8), (2**40, 3, 4, 4))}
    assert isinstance(open_pixels(huge, CPU), PrefetchingReader)
