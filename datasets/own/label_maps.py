"""Checks of a user's label maps, and the compact form that they are kept in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array
from datasets.label_maps import LabelMaps

MOST_CLASSES = 255  # one value of a byte is left for pixels without a class
_NO_CLASS = 255


@dataclass(frozen=True)
class CheckedMaps:
    """Label maps that passed all checks.

    Attributes:
        labels: (N, H, W), uint8.
        num_classes: number of classes.
        ignore_index: the value of `labels` that is no class; None where all pixels have one.
    """

    labels: NDArray[np.uint8]
    num_classes: int
    ignore_index: int | None


def check_label_maps(
    origin: str,
    labels: Array,
    modalities: Mapping[str, Array],
    num_classes: int | None,
    ignore_index: Array | None,
) -> CheckedMaps:
    """Check one class index per pixel.

    Args:
        origin: the file that they come from, for messages.
        labels: (N, H, W) as stored.
        modalities: name -> images (N, C, H, W).
        num_classes: number of class names, or None where the file has none.
        ignore_index: the label of pixels without a class, as stored; None where there is none.

    Raises:
        UserError: the first thing that is wrong.
    """
    if labels.dtype.kind not in "iu":
        raise UserError(
            f"{origin}: labels have type {labels.dtype.name}, expected integers; convert them, for "
            "instance with .astype('uint8')"
        )
    for name, images in modalities.items():
        if (len(images), *images.shape[2:]) != labels.shape:
            raise UserError(
                f"{origin}: labels have shape {labels.shape}, but modality {name} has "
                f"{len(images)} images of {images.shape[2]} x {images.shape[3]} (height x width); "
                "give each image a label map of its size, and all modalities one size"
            )
    ignored = _ignored_value(origin, ignore_index)
    values = np.unique(labels)
    found = values if ignored is None else values[values != ignored]
    if not len(found):
        raise UserError(f"{origin}: no pixel has a class; give labels other than {ignored}")
    lowest, highest = int(found[0]), int(found[-1])
    classes = highest + 1 if num_classes is None else num_classes
    if lowest < 0 or highest >= classes:
        hint = "" if num_classes is None else f", one per entry of class_names ({num_classes})"
        raise UserError(
            f"{origin}: labels go from {lowest} to {highest}, expected 0 to {classes - 1}{hint}; "
            "where a value means that a pixel has no class, name it in an array 'ignore_index'"
        )
    if not 2 <= classes <= MOST_CLASSES:
        raise UserError(
            f"{origin}: labels with one class per pixel are of {classes} classes, expected 2 to "
            f"{MOST_CLASSES}"
        )
    return CheckedMaps(*_compact(labels, classes, ignored))


def _ignored_value(origin: str, ignore_index: Array | None) -> int | None:
    if ignore_index is None:
        return None
    if ignore_index.size != 1 or ignore_index.dtype.kind not in "iu":
        raise UserError(
            f"{origin}: ignore_index has shape {ignore_index.shape} and type "
            f"{ignore_index.dtype.name}, expected one integer"
        )
    return int(ignore_index.reshape(-1)[0])


def _compact(
    labels: LabelMaps | NDArray[Any], classes: int, ignored: int | None
) -> tuple[NDArray[np.uint8], int, int | None]:
    """Labels as bytes; a value without a class that is none of theirs becomes the highest byte."""
    if ignored is None or 0 <= ignored < classes:
        return labels.astype(np.uint8), classes, ignored
    kept = np.where(labels == ignored, _NO_CLASS, labels).astype(np.uint8)
    return kept, classes, _NO_CLASS


def fill_holes(
    modalities: Mapping[str, Array],
) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Replace NaN in images of one channel by 0, as depth sensors store where they saw nothing.

    Returns:
        The modalities, and a sentence for each that had holes.
    """
    filled, notes = dict(modalities), []
    for name, images in modalities.items():
        if images.dtype.kind != "f" or images.ndim != 4 or images.shape[1] != 1:
            continue
        holes = np.isnan(images)
        if count := int(holes.sum()):
            filled[name] = np.where(holes, images.dtype.type(0), images)
            share = f"{100 * count / images.size:.2g} %"
            notes.append(f"{name} has {count:,} pixels without a value ({share}), set to 0")
    return filled, tuple(notes)
