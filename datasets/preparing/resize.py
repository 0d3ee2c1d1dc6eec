"""Resizing of whole arrays, in their own type."""

import math

import numpy as np

from core.lazy import F, torch
from datasets.base import Array, Labels

Size = int | tuple[int, int]  # side of a square, or height and width

_BLOCK, _BLOCK_VALUES = 256, 1 << 24  # images, and their values, that are resized together


def resize_images(images: Array, size: Size) -> Array:
    """Resize images (N, C, H, W) to a size, bilinear with antialiasing.

    Done in float32 block by block and stored in the type of `images` (integers rounded), so that
    no float copy of the whole array exists. Images that have the size already are returned as is.
    """
    wanted = _height_and_width(size)
    if images.shape[2:] == wanted:
        return images
    resized = np.empty((*images.shape[:2], *wanted), dtype=images.dtype)
    block = max(min(_BLOCK, _BLOCK_VALUES // math.prod(images.shape[1:])), 1)
    for start in range(0, len(images), block):
        part = torch.from_numpy(images[start : start + block].astype(np.float32))
        values = F.interpolate(
            part, size=wanted, mode="bilinear", align_corners=False, antialias=True
        ).numpy()
        if images.dtype.kind in "iu":
            values = values.round()
        resized[start : start + block] = values.astype(images.dtype)
    return resized


def resize_labels(labels: Labels, size: Size) -> Labels:
    """Resize label maps (N, H, W): each pixel takes the label at its centre.

    Values are taken, never mixed, so this also serves depth whose holes are marked by a value.
    Maps that have the size already are returned as is.
    """
    height, width = _height_and_width(size)
    if labels.shape[1:] == (height, width):
        return labels
    rows = (2 * np.arange(height) + 1) * labels.shape[1] // (2 * height)
    columns = (2 * np.arange(width) + 1) * labels.shape[2] // (2 * width)
    return labels[:, rows[:, None], columns]


def _height_and_width(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size
