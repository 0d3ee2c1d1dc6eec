"""What stored images and label maps mean: colours in [0, 1], standardised values, class indices."""

import torch
from torch import Tensor

from benchmark.training.reading import UINT16_OFFSET
from benchmark.training.segmentation.standardisation import Standardisation
from datasets.base import Array
from methods.contract import IGNORED


class ImageBank:
    """How one repetition reads and standardises the images of one modality.

    Args:
        images: (N, C, H, W), of which the type alone matters.
        standardisation: fitted by the repetition.
        device: where images are.

    Attributes:
        colours: the images are of red, green and blue in [0, 1].
    """

    def __init__(
        self, images: Array, standardisation: Standardisation, device: torch.device
    ) -> None:
        self.colours = standardisation.colours
        self._offset = UINT16_OFFSET if images.dtype == "uint16" else 0
        self._span, self._mean, self._deviation = (
            torch.from_numpy(values).to(device)[:, None, None]
            for values in (
                standardisation.span,
                standardisation.mean,
                standardisation.deviation,
            )
        )

    def values(self, stored: Tensor) -> Tensor:
        """Images (B, C, H, W), float32, colours in [0, 1], of those in the type of a tensor."""
        found = stored.float()
        if self._offset:
            found = found + self._offset
        return found / self._span

    def standardise(self, images: Tensor) -> Tensor:
        """Make the mean of each channel 0 and its deviation 1, over training pixels."""
        return (images - self._mean) / self._deviation


def class_indices(stored: Tensor, ignore_index: int | None) -> Tensor:
    """Class indices (B, H, W), int64, some of them `IGNORED`, of stored label maps."""
    found = stored.long()
    return found if ignore_index is None else found.masked_fill(found == ignore_index, IGNORED)
