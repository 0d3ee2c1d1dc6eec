"""What is looked up of a teacher equals a live forward pass."""

import copy

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


@pytest.mark.parametrize("modalities", [("MS",), ("MS", "SAR")])
def test_features_equal_a_live_forward_pass(
    data: TrainingData, modalities: tuple[str, ...]
) -> None:
    network = _teacher(modalities)
    table = TeacherTable(network, modalities, data)
    names = ("embedding", "stage_2")
    table.prepare(names)
    random = np.random.default_rng(5)
    positions = torch.from_numpy(random.permutation(len(data.train))[:24])
    views = torch.from_numpy(random.integers(0, 8, 24))
    logits, found = table.with_features(positions, views, names)
    assert torch.equal(logits, table(positions, views))
    assert found.keys() == set(names)
    # The head is linear: the table's float16 embeddings must give the logits again.
    with torch.no_grad():
        again = network.head(found["embedding"])
    torch.testing.assert_close(again, logits, rtol=5e-3, atol=5e-3)
    inputs = {name: data.banks[name].gather(data.train[positions], views) for name in modalities}
    with torch.no_grad():
        live = network.features(inputs)
    torch.testing.assert_close(found["embedding"], live.embedding, rtol=1e-3, atol=1e-4)
    assert torch.equal(found["stage_2"], live.stage_2)
    assert {values.dtype for values in found.values()} == {torch.float32}
    assert not any(values.requires_grad for values in found.values())


def test_a_live_teacher_gives_logits_and_features_of_one_pass(data: TrainingData) -> None:
    positions, views = torch.arange(16), torch.zeros(16, dtype=torch.long)
    network = _teacher(("MS",))
    first, second = (LiveTeacher(copy.deepcopy(network), ("MS",), data) for _ in range(2))
    logits, features = first.with_features(positions, views, ("embedding",))
    assert torch.equal(logits, second(positions, views))
    assert features["embedding"].shape == (16, 512)
    moved = zip(
        first.moving_statistics().values(), second.moving_statistics().values(), strict=True
    )
    assert all(torch.equal(one, other) for one, other in moved)
