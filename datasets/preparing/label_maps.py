"""From the label maps of a distribution to maps of class indices."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array, Labels
from datasets.preparing.readers import VOID


def lookup(
    stored: Labels, class_of: Mapping[int, int], void: Collection[int], origin: str
) -> NDArray[np.uint8]:
    """Class index of each pixel, `VOID` where it has none.

    Args:
        stored: labels as the source has them, of any shape.
        class_of: stored label -> index of the class.
        void: stored labels that stand for no class.
        origin: where the labels come from, for messages.

    Raises:
        UserError: a label is neither.
    """
    known = {**class_of, **dict.fromkeys(void, VOID)}
    table = np.full(max(known) + 1, -1, dtype=np.int16)
    table[list(known)] = list(known.values())
    low, high = int(stored.min()), int(stored.max())
    if low >= 0 and high < len(table):
        found = table[stored]
        if (found >= 0).all():
            return found.astype(np.uint8)
    strange = np.setdiff1d(stored, list(known))
    raise UserError(
        f"{origin}: found label {strange[0]} in {np.isin(stored, strange).sum():,} of "
        f"{stored.size:,} pixels, expected {min(known)} to {max(known)}"
        + ("" if len(known) == len(table) else " without those that name no class")
        + "; check that the labels are the official ones"
    )


def require_same_size(image: Array, image_origin: str, labels: Array, labels_origin: str) -> None:
    """Raise UserError where an image (C, H, W) and its labels (H, W) differ in size."""
    if image.shape[1:] != labels.shape:
        raise UserError(
            f"{image_origin} has {image.shape[1]} x {image.shape[2]} pixels, but its labels "
            f"{labels_origin} have {labels.shape[0]} x {labels.shape[1]} (height x width); use "
            "files that belong together"
        )
