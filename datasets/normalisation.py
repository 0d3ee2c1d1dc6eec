"""The value range that images are scaled with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.base import Array

PERCENTILES = (2.0, 98.0)
_BLOCK = 16  # images at a time that are in memory as float64


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


def fit_mean_and_deviation(
    images: Array, indices: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each channel over the pixels of some samples, each (C,).

    Args:
        images: (N, C, H, W).
        indices: samples to look at, those of the training split; None for all.
    """
    samples = np.arange(len(images)) if indices is None else indices
    pixels = len(samples) * images.shape[2] * images.shape[3]
    # Around the first image's mean, so that large offsets cost no digits; a block bounds memory.
    centre = images[samples[0]].astype(np.float64).mean(axis=(1, 2))
    total, squares = np.zeros_like(centre), np.zeros_like(centre)
    for start in range(0, len(samples), _BLOCK):
        block = images[samples[start : start + _BLOCK]].astype(np.float64)
        block -= centre[:, None, None]
        total += block.sum(axis=(0, 2, 3))
        squares += np.square(block, out=block).sum(axis=(0, 2, 3))
    mean = total / pixels
    return centre + mean, np.sqrt(np.maximum(squares / pixels - mean**2, 0))
