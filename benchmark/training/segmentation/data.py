"""A data set with one class per pixel on the device, and what one repetition makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.records.spec import RunSpec
from benchmark.training.segmentation.images import ImageBank, StoredImages, StoredLabels
from benchmark.training.segmentation.standardisation import fit_standardisation
from datasets import Dataset, Split


class StoredData:
    """A data set of which images and label maps are on the device, once for all repetitions.

    Args:
        dataset: in host memory, or mapped into it.
        device: where to.

    Attributes:
        dataset: the same.
        images: modality -> all its images.
        labels: all label maps.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset = dataset
        self.device = device
        self.images = {
            name: StoredImages(images, device) for name, images in dataset.modalities.items()
        }
        self.labels = StoredLabels(dataset.labels, dataset.ignore_index, device)


@dataclass(frozen=True)
class SegmentationData:
    """Images, label maps and split of one repetition.

    Attributes:
        banks: modality -> its images, all samples.
        labels: all label maps.
        train: sample indices of the training split (n,), int64, on the device; `validation` and
            `test` likewise.
        num_classes: number of classes.
        size: height and width of the images.
        split: the same split in host memory.
        dataset: the data set in host memory.
    """

    banks: Mapping[str, ImageBank]
    labels: StoredLabels
    train: Tensor
    validation: Tensor
    test: Tensor
    num_classes: int
    size: Size
    split: Split
    dataset: Dataset

    def inputs(self, modalities: Sequence[str], samples: Tensor) -> dict[str, Tensor]:
        """Modality -> standardised images (B, C, H, W), channels last, as they are stored."""
        return {
            name: bank.standardise(bank.gather(samples)).contiguous(
                memory_format=torch.channels_last
            )
            for name, bank in ((name, self.banks[name]) for name in modalities)
        }


def prepare_segmentation(stored: StoredData, spec: RunSpec) -> SegmentationData:
    """Split a data set and fit its standardisation; the images stay where they are."""
    dataset, device = stored.dataset, stored.device
    split = dataset.split(spec.data.split, spec.repetition)
    height, width = dataset.labels.shape[1:]
    return SegmentationData(
        banks={
            name: ImageBank(stored.images[name], fit_standardisation(name, images, spec, split))
            for name, images in dataset.modalities.items()
        },
        labels=stored.labels,
        train=torch.from_numpy(split.train).to(device),
        validation=torch.from_numpy(split.validation).to(device),
        test=torch.from_numpy(split.test).to(device),
        num_classes=len(dataset.class_names),
        size=(height, width),
        split=split,
        dataset=dataset,
    )
