"""Which samples stand together."""

import numpy as np
import pytest
import torch

from benchmark.records.spec import DataSpec, RunSpec, Training
from benchmark.training.classification import ClassificationTraining
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from benchmark.training.order import PAIRED, draw_partners
from benchmark.training.task import Need
from benchmark.training.teacher import TeacherTable
from datasets import CARDS
from datasets.stand_ins.miniature import make_miniature
from methods import Sampling
from methods.networks.classifier import build_classifier

CPU = torch.device("cpu")
DATA = DataSpec(fingerprint="", split="paper", image_size=None, normalisation="training_split")


def test_partners_are_of_one_class_and_never_the_sample_itself() -> None:
    classes = np.random.default_rng(0).integers(0, 5, 101)
    classes[17] = 5  # the only one of its class
    partners = draw_partners(3, 1, classes)
    assert np.array_equal(classes[partners], classes)
    assert sorted(partners) == list(range(101))
    assert np.flatnonzero(partners == np.arange(101)).tolist() == [17]
    assert np.array_equal(partners, draw_partners(3, 1, classes))
    for other in (draw_partners(3, 2, classes), draw_partners(4, 1, classes)):
        assert (other != partners).mean() > 0.8


@pytest.fixture(scope="module")
def data() -> TrainingData:
    dataset = make_miniature(CARDS.get("eurosat_ms_sar"))
    return prepare_data(ResidentData(dataset, CPU), DATA, 0)


def test_a_shuffled_teacher_sees_another_sample_of_the_class_under_the_same_view(
    data: TrainingData,
) -> None:
    teacher = TeacherTable(build_classifier({"MS": 13}, 10, seed=3), ("MS",), data)
    spec = RunSpec(
        numerics=1,
        data=DATA,
        method="shuffled_teacher",
        hyperparameters={},
        source="",
        plugin="none",
        modalities=("SAR",),
        teacher=None,
        augmentation="d4",
        repetition=0,
        training=Training(epochs=2, batch_size=64),
    )
    plain, shuffled = (
        ClassificationTraining(
            spec, Need(("SAR",), Sampling.PAIRED, (), CPU, shuffle), data, teacher
        )
        for shuffle in (False, True)
    )
    for orders, others in zip(plain.epoch(1), shuffled.epoch(1), strict=True):
        own, other = plain.gather(orders), shuffled.gather(others)
        assert torch.equal(own.inputs["SAR"], other.inputs["SAR"])
        assert torch.equal(own.target, other.target)
        assert own.teacher_logits is not None
        assert other.teacher_logits is not None
        views = orders[PAIRED].views
        for row, (view, label) in enumerate(zip(views, own.target, strict=True)):
            same_class = (data.labels[data.train] == label).nonzero().flatten()
            found = teacher(same_class, view.expand_as(same_class))
            matches = (found == other.teacher_logits[row]).all(dim=1)
            assert matches.sum() == 1
            assert not torch.equal(own.teacher_logits[row], other.teacher_logits[row])
