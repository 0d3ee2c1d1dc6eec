"""The images of one modality, resident on the device in a compact type."""

import numpy as np
import torch
from torch import Tensor

from benchmark.training.views import view_tables
from datasets.base import Array
from datasets.normalisation import ValueRange

_UINT16_OFFSET = 1 << 15


class ResidentImages:
    """All images of one modality on the device, as the source has them; repetitions share them.

    Stored as (N * H * W, C), so that one gather both applies the D4 views and gives channels-last
    batches. Values stay in the source's type. uint16 is kept as int16, shifted by 32768, because
    not every device gathers uint16.

    Args:
        images: (N, C, H, W) with H = W.
        device: where the images live.

    Attributes:
        size: H = W.
        offset: what was subtracted from every value.
        rows: pixels (N * H * W, C).
    """

    def __init__(self, images: Array, device: torch.device) -> None:
        _, channels, self.size, width = images.shape
        if self.size != width:
            raise ValueError(f"images must be square, found {self.size} x {width}")
        # A copy in any case: memory-mapped images cannot be written, which tensors must allow.
        rows = np.array(images.transpose(0, 2, 3, 1), order="C", subok=False).reshape(-1, channels)
        self.offset = 0
        if rows.dtype == np.uint16:
            self.offset = _UINT16_OFFSET
            # Flipping the highest bit subtracts the offset, here in place.
            np.bitwise_xor(rows, np.uint16(self.offset), out=rows)
            rows = rows.view(np.int16)
        self.rows = torch.from_numpy(rows).to(device)
        self._tables = view_tables(self.size).to(device)

    def gather(self, samples: Tensor, views: Tensor | None) -> Tensor:
        """Values (B * H * W, C), float32, of samples (B,) under views (B,), `offset` less."""
        places = self._tables[:1] if views is None else self._tables[views]
        index = samples[:, None] * (self.size * self.size) + places
        return self.rows.index_select(0, index.reshape(-1)).float()


class ImageBank:
    """The images of one modality, and the batches of one repetition that are gathered from them.

    Scaling to [0, 1] happens after the gather.

    Args:
        images: on the device.
        value_range: per channel, what maps to 0 and to 1; None for images that are in [0, 1].
    """

    def __init__(self, images: ResidentImages, value_range: ValueRange | None) -> None:
        self._images = images
        self._low = self._scale = None
        if value_range is not None:
            span = value_range.high - value_range.low
            scale = np.where(span > 0, 1 / np.where(span > 0, span, 1), 0).astype(np.float32)
            low, device = value_range.low - np.float32(images.offset), images.rows.device
            self._low = torch.from_numpy(low).to(device)
            self._scale = torch.from_numpy(scale).to(device)

    def gather(self, samples: Tensor, views: Tensor | None = None) -> Tensor:
        """Make a batch.

        Args:
            samples: sample indices (B,), int64, on the device.
            views: D4 view of each sample (B,), int64; None for the images as they are.

        Returns:
            (B, C, H, W) in [0, 1], float32, channels last in memory.
        """
        batch = self._images.gather(samples, views)
        if self._low is not None and self._scale is not None:
            batch = batch.sub_(self._low).mul_(self._scale).clamp_(0, 1)
        size = self._images.size
        return batch.view(len(samples), size, size, batch.shape[1]).permute(0, 3, 1, 2)
