"""The value range that images are scaled with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.base import Array

PERCENTILES = (2.0, 98.0)


@dataclass(frozen=True)
class ValueRange:
    """Per channel, the values that map to 0 and to 1; both (C,), float32."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]


def fit_value_range(images: Array, indices: NDArray[np.int64] | None) -> ValueRange:
    """Percentiles 2 and 98 of each channel over some samples.

    Where both percentiles are equal (a channel that is nearly constant, or sparse), the smallest
    and largest values take their place.

    Args:
        images: (N, C, H, W).
        indices: samples to look at, those of the training split; None for all.
    """
    samples = slice(None) if indices is None else indices
    channels = images.shape[1]
    low, high = np.empty(channels, np.float32), np.empty(channels, np.float32)
    for channel in range(channels):  # one channel at a time bounds the memory of the sort
        values = images[samples, channel].astype(np.float32)
        low[channel], high[channel] = np.percentile(values, PERCENTILES)
        if low[channel] == high[channel]:
            low[channel], high[channel] = values.min(), values.max()
    return ValueRange(low, high)
