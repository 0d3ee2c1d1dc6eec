"""Images and label maps on the device, in the types that they are stored in."""

import numpy as np
import torch
from torch import Tensor

from benchmark.training.segmentation.standardisation import Standardisation
from datasets.base import Array
from datasets.label_maps import LabelMaps
from methods.contract import IGNORED

_UINT16_OFFSET = 1 << 15


class StoredImages:
    """All images of one modality on the device, as the source has them; repetitions share them.

    uint16 is kept as int16, shifted by 32768, because not every device gathers uint16.

    Args:
        images: (N, C, H, W).
        device: where the images live.

    Attributes:
        device: the same.
    """

    def __init__(self, images: Array, device: torch.device) -> None:
        self.device = device
        self._offset = 0.0
        # A copy in any case: memory-mapped images cannot be written, which tensors must allow.
        own = np.array(images, order="C", subok=False)
        if own.dtype == np.uint16:
            self._offset = float(_UINT16_OFFSET)
            # Flipping the highest bit subtracts the offset, here in place.
            np.bitwise_xor(own, np.uint16(_UINT16_OFFSET), out=own)
            own = own.view(np.int16)
        self._images = torch.from_numpy(own).to(device)

    def gather(self, samples: Tensor) -> Tensor:
        """Images (B, C, H, W), float32, in the values of the source."""
        found = self._images.index_select(0, samples).float()
        return found + self._offset if self._offset else found


class StoredLabels:
    """All label maps on the device as bytes.

    Args:
        labels: (N, H, W), uint8.
        ignore_index: the value that is no class; None where there is none.
        device: where they live.
    """

    def __init__(self, labels: LabelMaps, ignore_index: int | None, device: torch.device) -> None:
        self._labels = torch.from_numpy(np.array(labels, order="C", subok=False)).to(device)
        self._ignored = ignore_index

    def gather(self, samples: Tensor) -> Tensor:
        """Class indices (B, H, W), int64, some of them `IGNORED`."""
        found = self._labels.index_select(0, samples).long()
        if self._ignored is None:
            return found
        return found.masked_fill_(found == self._ignored, IGNORED)


class ImageBank:
    """The images of one modality, and how one repetition standardises them.

    Args:
        images: on the device.
        standardisation: fitted by the repetition.

    Attributes:
        colours: the images are of red, green and blue in [0, 1].
    """

    def __init__(self, images: StoredImages, standardisation: Standardisation) -> None:
        self.colours = standardisation.colours
        self._images = images
        self._span, self._mean, self._deviation = (
            torch.from_numpy(values).to(images.device)[:, None, None]
            for values in (
                standardisation.span,
                standardisation.mean,
                standardisation.deviation,
            )
        )

    def gather(self, samples: Tensor) -> Tensor:
        """Images (B, C, H, W), float32, colours in [0, 1]."""
        return self._images.gather(samples) / self._span

    def standardise(self, images: Tensor) -> Tensor:
        """Make the mean of each channel 0 and its deviation 1, over training pixels."""
        return (images - self._mean) / self._deviation
