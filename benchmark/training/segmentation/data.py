"""A data set with one class per pixel, and what one repetition makes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.records.spec import RunSpec
from benchmark.training.segmentation.images import ImageScale, class_indices
from benchmark.training.segmentation.pixels import LABELS, StoredPixels, open_pixels
from benchmark.training.segmentation.standardisation import fit_standardisation
from datasets import Dataset, Split
from datasets.splits import Indices


class StoredData:
    """A data set whose images and label maps are at hand on the device, for all repetitions.

    Args:
        dataset: in host memory, or mapped into it.
        device: where to.

    Attributes:
        dataset: the same.
        device: the same.
        pixels: of all samples.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset = dataset
        self.device = device
        self.pixels = open_pixels({**dataset.modalities, LABELS: dataset.labels}, device)


@dataclass(frozen=True)
class SegmentationData:
    """Images, label maps and split of one repetition.

    Attributes:
        pixels: of all samples, as they are stored.
        scales: modality -> how its images are scaled.
        num_classes: number of classes.
        size: height and width of the images.
        split: sample indices of its three parts.
        dataset: the data set in host memory.
    """

    pixels: StoredPixels
    scales: Mapping[str, ImageScale]
    num_classes: int
    size: Size
    split: Split
    dataset: Dataset

    def blocks(
        self, modalities: Sequence[str], samples: Indices, size: int
    ) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """Samples as they are, block by block: standardised images by modality, class indices.

        Args:
            modalities: whose images are wanted.
            samples: sample indices (n,).
            size: samples in a block.

        Yields:
            modality -> (b, C, H, W), channels last; (b, H, W), int64, some of them `IGNORED`.
        """
        starts = range(0, len(samples), size)
        parts = [(samples[start : start + size], (*modalities, LABELS)) for start in starts]
        for stored in self.pixels.batches(parts):
            inputs = {}
            for name in modalities:
                scale = self.scales[name]
                images = scale.standardise(scale.values(stored[name]))
                inputs[name] = images.contiguous(memory_format=torch.channels_last)
            yield inputs, class_indices(stored[LABELS], self.dataset.ignore_index)


def prepare_segmentation(stored: StoredData, spec: RunSpec) -> SegmentationData:
    """Split a data set and fit its standardisation; the images stay where they are."""
    dataset = stored.dataset
    split = dataset.split(spec.data.split, spec.repetition)
    height, width = dataset.labels.shape[1:]
    return SegmentationData(
        pixels=stored.pixels,
        scales={
            name: ImageScale(images, fit_standardisation(name, images, spec, split), stored.device)
            for name, images in dataset.modalities.items()
        },
        num_classes=len(dataset.class_names),
        size=(height, width),
        split=split,
        dataset=dataset,
    )
