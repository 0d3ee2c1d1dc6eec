"""Resizing of whole arrays, in their own type."""

import numpy as np

from core.lazy import F, torch
from datasets.base import Array


def resize_images(images: Array, size: int, block: int = 256) -> Array:
    """Resize images (N, C, H, W) to (N, C, size, size), bilinear with antialiasing.

    Done in float32 block by block and stored in the type of `images` (integers rounded), so that
    no float copy of the whole array exists. Images that have the size already are returned as is.
    """
    if images.shape[2:] == (size, size):
        return images
    resized = np.empty((*images.shape[:2], size, size), dtype=images.dtype)
    for start in range(0, len(images), block):
        part = torch.from_numpy(images[start : start + block].astype(np.float32))
        values = F.interpolate(
            part, size=(size, size), mode="bilinear", align_corners=False, antialias=True
        ).numpy()
        if images.dtype.kind in "iu":
            values = values.round()
        resized[start : start + block] = values.astype(images.dtype)
    return resized
