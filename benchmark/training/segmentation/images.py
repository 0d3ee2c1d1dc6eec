"""From stored pixels on the device to the values that networks and losses see."""

import numpy as np
import torch
from torch import Tensor

from benchmark.training.reading import UINT16_OFFSET
from benchmark.training.segmentation.standardisation import Standardisation
from datasets.base import Array
from methods.contract import IGNORED


class ImageScale:
    """How one repetition scales the images of one modality.

    Args:
        images: (N, C, H, W), of whose type the stored ones were.
        standardisation: fitted by the repetition.
        device: where the stored images are.

    Attributes:
        colours: the images are of red, green and blue in [0, 1].
    """

    def __init__(
        self, images: Array, standardisation: Standardisation, device: torch.device
    ) -> None:
        self.colours = standardisation.colours
        self._offset = float(UINT16_OFFSET) if images.dtype == np.uint16 else 0.0
        self._span, self._mean, self._deviation = (
            torch.from_numpy(values).to(device)[:, None, None]
            for values in (
                standardisation.span,
                standardisation.mean,
                standardisation.deviation,
            )
        )

    def values(self, stored: Tensor) -> Tensor:
        """Images (B, C, H, W), float32, colours in [0, 1], of stored ones."""
        values = stored.float()
        return (values + self._offset if self._offset else values) / self._span

    def standardise(self, images: Tensor) -> Tensor:
        """Make the mean of each channel 0 and its deviation 1, over training pixels."""
        return (images - self._mean) / self._deviation


def class_indices(stored: Tensor, ignore_index: int | None) -> Tensor:
    """Class indices (B, H, W), int64, some of them `IGNORED`, of stored label maps.

    Args:
        stored: label maps (B, H, W), uint8.
        ignore_index: the value that is no class; None where there is none.
    """
    found = stored.long()
    if ignore_index is None:
        return found
    return found.masked_fill_(found == ignore_index, IGNORED)
