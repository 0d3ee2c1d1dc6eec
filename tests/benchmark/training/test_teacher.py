"""Looked-up teacher logits equal a live forward pass."""

import numpy as np
import pytest
import torch

from benchmark.records.spec import DataSpec
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from benchmark.training.teacher import LiveTeacher, TeacherTable
from datasets import CARDS
from datasets.stand_ins.miniature import make_miniature
from methods.networks.classifier import Classifier, build_classifier

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data() -> TrainingData:
    dataset = make_miniature(CARDS.get("eurosat_ms_sar"))
    spec = DataSpec(fingerprint="", split="paper", image_size=None, normalisation="training_split")
    return prepare_data(ResidentData(dataset, CPU), spec, 0)


def _teacher(modalities: tuple[str, ...]) -> Classifier:
    channels = {"MS": 13, "SAR": 2}
    network = build_classifier({name: channels[name] for name in modalities}, 10, seed=3)
    network.train()
    for _ in range(3):  # so that running statistics differ from their initial values
        network({name: torch.rand(16, channels[name], 16, 16) for name in modalities})
    return network


def _live_logits(
    network: Classifier, data: TrainingData, samples: torch.Tensor, views: torch.Tensor
) -> torch.Tensor:
    inputs = {}
    for name in network.modalities:
        images = data.banks[name].gather(samples)
        inputs[name] = torch.stack(
            [
                torch.rot90(image.flip(2) if view >= 4 else image, int(view) % 4, dims=(1, 2))
                for image, view in zip(images, views, strict=True)
            ]
        )
    with torch.no_grad():
        return network.eval()(inputs)


@pytest.mark.parametrize("modalities", [("MS",), ("MS", "SAR")])
def test_lookup_equals_a_live_forward_pass(data: TrainingData, modalities: tuple[str, ...]) -> None:
    network = _teacher(modalities)
    table = TeacherTable(network, modalities, data)
    random = np.random.default_rng(4)
    positions = torch.from_numpy(random.permutation(len(data.train))[:24])
    views = torch.from_numpy(random.integers(0, 8, 24))
    live = _live_logits(network, data, data.train[positions], views)
    torch.testing.assert_close(table(positions, views), live, rtol=1e-4, atol=1e-4)
    assert live.std(dim=0).min() > 1e-3  # the samples differ, so a wrong row would show


def test_live_teacher_uses_batch_statistics_and_leaves_weights_alone(data: TrainingData) -> None:
    network = _teacher(("MS",))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    positions, views = torch.arange(16), torch.zeros(16, dtype=torch.long)
    logits = LiveTeacher(network, ("MS",), data)(positions, views)
    evaluated = TeacherTable(_teacher(("MS",)), ("MS",), data)(positions, views)
    assert not torch.allclose(logits, evaluated, atol=1e-3)
    assert not logits.requires_grad
    for name, value in network.state_dict().items():
        moved = not torch.equal(value, before[name])
        assert moved == ("running" in name or "num_batches" in name), name
