"""A data set on the device, and what one repetition makes of it: split and scaled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmark.records.spec import DataSpec
from benchmark.training.images import ImageBank, ResidentImages
from datasets import Dataset, Split
from datasets.label_noise import redraw_labels
from datasets.normalisation import fit_value_range
from datasets.splits import Indices

BLOCK = 512  # samples per forward pass; fixed, so that no number depends on free memory


class ResidentData:
    """A data set of which images and labels are on the device, once for all repetitions.

    Args:
        dataset: in host memory, or mapped into it.
        device: where to.

    Attributes:
        dataset: the same.
        images: modality -> all its images.
        labels: class indices (N,), int64.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset = dataset
        self.images = {
            name: ResidentImages(images, device) for name, images in dataset.modalities.items()
        }
        self.labels = torch.from_numpy(dataset.labels).to(device)


@dataclass(frozen=True)
class TrainingData:
    """Images, labels and split on the device.

    Attributes:
        banks: modality -> its images, all samples.
        labels: class indices (N,), int64; some of the training split are redrawn where the run's
            data has label noise.
        train: sample indices of the training split; `validation` and `test` likewise.
        num_classes: number of classes.
        split: the same split in host memory.
        true_labels: class indices (N,) in host memory, none redrawn.
    """

    banks: Mapping[str, ImageBank]
    labels: Tensor
    train: Tensor
    validation: Tensor
    test: Tensor
    num_classes: int
    split: Split
    true_labels: Indices

    def images(
        self, modalities: Sequence[str], samples: Tensor, views: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Images of some modalities by their names; see `ImageBank.gather`."""
        return {name: self.banks[name].gather(samples, views) for name in modalities}

    def blocks(self, modalities: Sequence[str], samples: Tensor) -> Iterator[dict[str, Tensor]]:
        """Images of samples (n,) as they are, in order, `BLOCK` at a time."""
        for part in torch.split(samples, BLOCK):
            yield self.images(modalities, part)


def prepare_data(resident: ResidentData, spec: DataSpec, repetition: int) -> TrainingData:
    """Split a data set, fit its value ranges, redraw labels; the images stay where they are."""
    dataset, device = resident.dataset, resident.labels.device
    split = dataset.split(spec.split, repetition)
    banks = {}
    for name, images in dataset.modalities.items():
        value_range = None
        if spec.normalisation != "given":
            fitted_on = split.train if spec.normalisation == "training_split" else None
            value_range = fit_value_range(images, fitted_on)
        banks[name] = ImageBank(resident.images[name], value_range)
    labels, classes = resident.labels, len(dataset.class_names)
    true = dataset.labels.astype(np.int64, copy=False)
    if spec.label_noise:
        noisy = redraw_labels(true, split.train, spec.label_noise, classes, repetition)
        labels = torch.from_numpy(noisy).to(device)
    return TrainingData(
        banks=banks,
        labels=labels,
        train=torch.from_numpy(split.train).to(device),
        validation=torch.from_numpy(split.validation).to(device),
        test=torch.from_numpy(split.test).to(device),
        num_classes=classes,
        split=split,
        true_labels=true,
    )
