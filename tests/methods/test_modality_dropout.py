"""One network of several modalities, trained and evaluated with some of them missing."""

import pytest
import torch

from methods import Batch, Problem
from methods.registry import make_method

THREE = Problem({"S2": 3, "S1": 2, "DEM": 1}, 4, seed=3)


@pytest.fixture
def paired() -> Batch:
    torch.manual_seed(0)
    target = torch.tensor([0, 1, 2, 3, 0, 1])
    inputs = {name: torch.rand(6, count, 16, 16) for name, count in THREE.channels.items()}
    return Batch(inputs, dict.fromkeys(inputs, target))


def test_each_subset_is_a_network_that_reads_its_own_alone(paired: Batch) -> None:
    learner = make_method("modality_dropout", {}).learner(THREE, None).eval()
    found = learner.deployments()
    assert list(found) == ["S2", "S1", "DEM", "S2+S1", "S2+DEM", "S1+DEM", "ALL"]
    embeddings = {name: learner.network.encoders[name](x) for name, x in paired.inputs.items()}
    for name, network in found.items():
        own = name.split("+") if name != "ALL" else list(THREE.channels)
        inputs = {modality: paired.inputs[modality] for modality in own}
        expected = learner.network.head(sum(embeddings[modality] for modality in own))
        torch.testing.assert_close(network(inputs), expected)


def test_without_dropout_it_trains_as_the_teacher_does(paired: Batch) -> None:
    teacher = make_method("reference", {}).learner(THREE, None)
    learner = make_method("modality_dropout", {"rate": 0.0}).learner(THREE, None)
    assert learner.loss(paired, 0).item() == teacher.loss(paired, 0).item()


def test_dropout_leaves_out_embeddings_at_its_rate_and_never_all(paired: Batch) -> None:
    learner = make_method("modality_dropout", {"rate": 0.6}).learner(THREE, None).eval()
    constant = {"S2": 1.0, "S1": 10.0, "DEM": 100.0}
    seen: list[torch.Tensor] = []

    class Constant(torch.nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = value

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.full((len(images), 512), self.value)

    for name, value in constant.items():
        learner.network.encoders[name] = Constant(value)
    learner.network.head.register_forward_pre_hook(lambda _, given: seen.append(given[0][:, 0]))
    torch.manual_seed(0)
    for _ in range(500):
        learner.loss(paired, 0)
    sums = torch.cat(seen)
    assert set(sums.tolist()) == {1.0, 10.0, 100.0, 11.0, 101.0, 110.0, 111.0}
    share = (sums == 111.0).float().mean().item()
    assert share == pytest.approx(0.4**3, abs=0.02)
    one_left = (sums == 1.0).float().mean().item()
    assert one_left == pytest.approx(0.4 * 0.6**2 + 0.6**3 / 3, abs=0.03)
