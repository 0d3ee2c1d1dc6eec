"""A data set as one repetition trains on it: split, scaled, on the device."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.spec import DataSpec
from benchmark.training.images import ImageBank
from datasets import Dataset, Split, make_split
from datasets.normalisation import fit_value_range


@dataclass(frozen=True)
class TrainingData:
    """Images, labels and split on the device.

    Attributes:
        banks: modality -> its images, all samples.
        labels: class indices (N,), int64.
        train: sample indices of the training split; `validation` and `test` likewise.
        num_classes: number of classes.
        split: the same split in host memory.
    """

    banks: Mapping[str, ImageBank]
    labels: Tensor
    train: Tensor
    validation: Tensor
    test: Tensor
    num_classes: int
    split: Split


def prepare_data(
    dataset: Dataset, spec: DataSpec, repetition: int, device: torch.device
) -> TrainingData:
    """Split a data set, fit its value ranges and move it to the device.

    Index files that came with the data are its split where the paper's rule is asked for.
    """
    if spec.split == "paper" and repetition in dataset.given_splits:
        split = dataset.given_splits[repetition]
    else:
        split = make_split(dataset.labels, dataset.groups, spec.split, repetition)
    banks = {}
    for name, images in dataset.modalities.items():
        value_range = None
        if spec.normalisation != "given":
            fitted_on = split.train if spec.normalisation == "training_split" else None
            value_range = fit_value_range(images, fitted_on)
        banks[name] = ImageBank(images, value_range, device)
    return TrainingData(
        banks=banks,
        labels=torch.from_numpy(dataset.labels).to(device),
        train=torch.from_numpy(split.train).to(device),
        validation=torch.from_numpy(split.validation).to(device),
        test=torch.from_numpy(split.test).to(device),
        num_classes=len(dataset.class_names),
        split=split,
    )
