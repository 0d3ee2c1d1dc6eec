"""Label maps: one class index per pixel, some of which may be ignored."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LabelMaps = NDArray[np.integer[Any]]

_BLOCK = 64  # maps at a time, so that no wide copy of all exists


def pixel_counts(
    labels: LabelMaps, num_classes: int, ignore_index: int | None
) -> NDArray[np.int64]:
    """Count the pixels of each class in each map.

    Args:
        labels: (N, H, W), each value in [0, num_classes) or `ignore_index`; at most 255.
        num_classes: number of classes C.
        ignore_index: the value that is no class; None where there is none.

    Returns:
        (N, C); pixels that are ignored are in none of them.
    """
    counts = np.empty((len(labels), num_classes), np.int64)
    values = 256
    for start in range(0, len(labels), _BLOCK):
        block = labels[start : start + _BLOCK]
        flat = block.reshape(len(block), -1).astype(np.int64)
        flat += values * np.arange(len(block))[:, None]
        found = np.bincount(flat.ravel(), minlength=values * len(block)).reshape(-1, values)
        counts[start : start + _BLOCK] = found[:, :num_classes]
    if ignore_index is not None and ignore_index < num_classes:
        counts[:, ignore_index] = 0
    return counts
