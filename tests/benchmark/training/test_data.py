"""A data set as a repetition trains on it."""

import numpy as np
import pytest
import torch

from benchmark.records.spec import DataSpec
from benchmark.training.data import ResidentData, prepare_data
from datasets import Dataset, Split, make_split

CPU = torch.device("cpu")


@pytest.fixture
def dataset() -> Dataset:
    labels = np.arange(60) % 3
    split = make_split(labels, None, "paper", 0)
    images = np.random.default_rng(0).integers(0, 1000, (60, 1, 4, 4)).astype(np.int16)
    images[split.test] += 20_000
    return Dataset("own", {"A": images, "B": images}, labels, ("a", "b", "c"), fingerprint="x")


def _spec(normalisation: str) -> DataSpec:
    return DataSpec(
        fingerprint="x",
        split="paper",
        image_size=None,
        normalisation=normalisation,  # type: ignore[arg-type]
    )


def test_value_ranges_come_from_the_training_split_unless_switched(dataset: Dataset) -> None:
    honest = prepare_data(ResidentData(dataset, CPU), _spec("training_split"), 0)
    assert bool((honest.banks["A"].gather(honest.test) == 1).all())
    leaking = prepare_data(ResidentData(dataset, CPU), _spec("whole_data_set"), 0)
    assert float(leaking.banks["A"].gather(leaking.train).max()) < 0.1


def test_label_noise_is_on_the_training_split_alone(dataset: Dataset) -> None:
    resident, spec = ResidentData(dataset, CPU), _spec("training_split")
    noisy = prepare_data(resident, spec.model_copy(update={"label_noise": 0.5}), 0)
    right = resident.labels
    assert bool((noisy.labels[noisy.train] != right[noisy.train]).any())
    for part in (noisy.validation, noisy.test):
        assert bool((noisy.labels[part] == right[part]).all())
    assert prepare_data(resident, spec, 0).labels is right


def test_given_splits_replace_the_papers_rule(dataset: Dataset) -> None:
    given = Split(np.arange(40), np.arange(40, 50), np.arange(50, 60))
    with_files = Dataset(
        "own",
        dataset.modalities,
        dataset.labels,
        dataset.class_names,
        fingerprint="x",
        given_splits={1: given},
    )
    assert prepare_data(ResidentData(with_files, CPU), _spec("given"), 1).split is given
    assert len(prepare_data(ResidentData(with_files, CPU), _spec("given"), 0).split.test) == 15
