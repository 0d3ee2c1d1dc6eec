"""A data set with one class per pixel, and what one repetition makes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.records.spec import RunSpec
from benchmark.training.reading import PrefetchingReader, as_tensor_type
from benchmark.training.segmentation.images import ImageBank, class_indices
from benchmark.training.segmentation.standardisation import fit_standardisation
from datasets import Dataset, Split
from datasets.base import Array

LABELS = "labels"  # beside modalities, whose names are in capitals
# What may stay on the device: of a GPU's memory this share, since networks and other runs need the
# rest; in host memory, where mapped files are as good, so many bytes.
_SHARE_OF_GPU = 0.25
_HOST_BYTES = 2 * 2**30

Samples = NDArray[np.int64]


class StoredData:
    """A data set whose images and label maps are on the device, if they fit, or read from disk.

    Either way batches have the same values.

    Args:
        dataset: in host memory, or mapped into it.
        device: where batches are wanted.

    Attributes:
        dataset: the same.
        device: the same.
        resident: images by modality and label maps, on the device as the source has them (uint16
            as int16, see `as_tensor_type`); None where they are read from disk.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.dataset = dataset
        self.device = device
        arrays: dict[str, Array] = {**dataset.modalities, LABELS: dataset.labels}
        self.resident: dict[str, Tensor] | None = None
        if sum(array.nbytes for array in arrays.values()) <= _room(device):
            # A copy in any case: mapped arrays cannot be written, which tensors must allow.
            self.resident = {
                name: torch.from_numpy(as_tensor_type(np.array(array, order="C"))).to(device)
                for name, array in arrays.items()
            }
        self._reader = PrefetchingReader(arrays, device)

    def batches(
        self, parts: Sequence[tuple[Samples, Sequence[str]]]
    ) -> Iterator[dict[str, Tensor]]:
        """Stored images and label maps by name, (B, ...) on the device, of these batches.

        Args:
            parts: of each batch, its sample indices (B,) and the names that it needs.
        """
        if self.resident is None:
            yield from self._reader.batches(parts)
            return
        for samples, names in parts:
            yield self.take(torch.from_numpy(samples).to(self.device), names)

    def take(self, samples: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
        """As `batches`, of samples (B,) on the device, where all is resident."""
        assert self.resident is not None
        return {name: self.resident[name].index_select(0, samples) for name in names}


def _room(device: torch.device) -> float:
    if device.type != "cuda":
        return _HOST_BYTES
    return _SHARE_OF_GPU * torch.cuda.get_device_properties(device).total_memory


@dataclass(frozen=True)
class SegmentationData:
    """A data set as one repetition splits and standardises it.

    Attributes:
        stored: images and label maps.
        banks: modality -> how its images are read.
        train: sample indices of the training split (n,), int64, on the device.
        split: the split in host memory.
    """

    stored: StoredData
    banks: Mapping[str, ImageBank]
    train: Tensor
    split: Split

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.stored.dataset.class_names)

    @property
    def size(self) -> Size:
        """Height and width of all images."""
        height, width = self.stored.dataset.labels.shape[1:]
        return height, width

    def labels(self, stored: Tensor) -> Tensor:
        """Class indices (B, H, W), int64, some of them `IGNORED`, of stored label maps."""
        return class_indices(stored, self.stored.dataset.ignore_index)

    def whole_images(
        self, modalities: Sequence[str], samples: Samples, block: int
    ) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """Standardised images by modality, channels last, and class indices, in blocks."""
        names = [*modalities, LABELS]
        bounds = range(0, len(samples), block)
        for stored in self.stored.batches([(samples[i : i + block], names) for i in bounds]):
            images = {
                name: self.banks[name].standardise(self.banks[name].values(stored[name]))
                for name in modalities
            }
            yield (
                {
                    name: values.contiguous(memory_format=torch.channels_last)
                    for name, values in images.items()
                },
                self.labels(stored[LABELS]),
            )


def prepare_segmentation(stored: StoredData, spec: RunSpec) -> SegmentationData:
    """Split a data set and fit its standardisation; the images stay where they are."""
    dataset, device = stored.dataset, stored.device
    split = dataset.split(spec.data.split, spec.repetition)
    banks = {
        name: ImageBank(images, fit_standardisation(name, images, spec, split), device)
        for name, images in dataset.modalities.items()
    }
    return SegmentationData(stored, banks, torch.from_numpy(split.train).to(device), split)
