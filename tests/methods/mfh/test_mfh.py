"""MFH: what of a teacher matters to a student, and what is left of it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from methods import Batch, Problem
from methods.contract import Control
from methods.mfh import permutation_distances
from methods.mfh.teacher import SelectiveTeacher
from methods.networks.classifier import Classifier, build_classifier
from methods.registry import make_method

RANDOM = np.random.default_rng(1)


def test_a_channel_matters_by_the_distance_after_permuting_it() -> None:
    embedding, weight = RANDOM.normal(0, 1, (9, 6)), RANDOM.normal(0, 1, (4, 6))
    bias, student = RANDOM.normal(0, 1, 4), RANDOM.normal(0, 2, (9, 4))
    teacher = embedding @ weight.T + bias
    orders = np.stack([RANDOM.permutation(9) for _ in range(3)])
    distances = np.zeros(6)
    for channel in range(6):
        for order in orders:
            changed = embedding.copy()
            changed[:, channel] = changed[order, channel]
            distances[channel] += ((changed @ weight.T + bias - student) ** 2).mean() / 3
    expected = distances - ((teacher - student) ** 2).mean()
    values = map(torch.from_numpy, (student, teacher, embedding, weight, orders))
    np.testing.assert_allclose(permutation_distances(*values).numpy(), expected, atol=1e-12)


@pytest.fixture
def teacher() -> Classifier:
    """Of its 512 channels a hundred alone do anything."""
    network = build_classifier({"MS": 3}, 5, seed=2).eval()
    with torch.no_grad():
        embeddings = [network.features(images).embedding for images in _images()]
        varied = torch.stack([embedding.std(0) for embedding in embeddings]).amin(0)
        still = varied.argsort(descending=True)[100:]
        network.head.weight[:, still] = 0
    return network


def _images() -> Iterator[dict[str, torch.Tensor]]:
    random = torch.Generator().manual_seed(3)
    for size in (5, 4):
        yield {"MS": torch.rand(size, 3, 16, 16, generator=random)}


@pytest.mark.parametrize(
    ("removed", "lost"), [("least_salient", 0), ("most_salient", 100), ("random", None)]
)
def test_channels_are_removed_by_what_they_do(
    teacher: Classifier, removed: str, lost: int | None
) -> None:
    method = make_method("mfh", {"removed": removed})
    assert (method.control is Control.OWN) == (removed != "least_salient")
    # A partner that says the same: whatever is permuted takes them apart.
    followed = method.followed_teacher(teacher, teacher, _images(), 7)
    assert isinstance(followed, SelectiveTeacher)
    assert followed.modalities == ("MS",)
    assert followed.kept.sum() == 128  # a quarter of 512
    acting = teacher.head.weight.abs().sum(0) > 0
    found = 100 - int(followed.kept[acting].sum())
    if lost is None:
        assert 50 < found < 95
        other = method.followed_teacher(teacher, teacher, _images(), 8)
        assert isinstance(other, SelectiveTeacher)
        assert not torch.equal(followed.kept, other.kept)
    else:
        assert found == lost
    images = next(_images())
    with torch.no_grad():
        embedding = teacher.features(images).embedding * followed.kept
        torch.testing.assert_close(followed(images), teacher.head(embedding))


def test_teacher_and_partner_are_drawn_towards_each_other(
    two_modalities: Problem, unpaired: Batch
) -> None:
    batch = replace(unpaired, targets=dict.fromkeys(("MS", "SAR"), unpaired.targets["MS"]))
    learner = make_method("reference", {"together": [["MS", "SAR"], ["SAR"]]}).learner(
        two_modalities, None
    )
    learner.eval()
    networks = learner.deployments()
    assert {name: network.modalities for name, network in networks.items()} == {
        "ALL": ("MS", "SAR"),
        "SAR": ("SAR",),
    }
    one, other = (network(batch.inputs).detach().double() for network in networks.values())
    task = sum(
        -torch.log_softmax(logits, 1)[torch.arange(6), batch.target].mean()
        for logits in (one, other)
    )
    expected = task + ((one - other) ** 2).mean()
    assert learner.loss(batch, 0).item() == pytest.approx(float(expected), rel=1e-5)
