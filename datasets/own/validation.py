"""Checks that every data set passes before anything is trained on it."""

from collections.abc import Mapping

import numpy as np

from core.errors import UserError
from datasets.base import Array

IMAGE_TYPES = ("uint8", "int16", "uint16", "float16", "float32")
MINIMUM_PER_CLASS = 3  # one sample each for training, validation and test


def check_images(origin: str, modalities: Mapping[str, Array]) -> None:
    """Check names, types, shapes, lengths and values of all modalities.

    Args:
        origin: the file that they come from, for messages.
        modalities: name -> images.

    Raises:
        UserError: the first thing that is wrong.
    """
    if len(modalities) < 2:
        found = ", ".join(modalities) or "none"
        raise UserError(
            f"{origin}: found {len(modalities)} modality ({found}), but distillation across "
            "modalities needs at least 2; add an array per modality, named in capitals"
        )
    first_name, first = next(iter(modalities.items()))
    for name, images in modalities.items():
        if images.ndim != 4:
            raise UserError(
                f"{origin}: modality {name} has shape {images.shape}, expected (N, C, H, W)"
            )
        if 0 in images.shape:
            raise UserError(f"{origin}: modality {name} is empty, its shape is {images.shape}")
        if images.dtype.name not in IMAGE_TYPES:
            raise UserError(
                f"{origin}: modality {name} has type {images.dtype.name}, expected one of "
                f"{', '.join(IMAGE_TYPES)}; convert it, for instance with .astype('float32')"
            )
        if len(images) != len(first):
            raise UserError(
                f"{origin}: modality {name} has {len(images)} samples, but {first_name} has "
                f"{len(first)}; give one image per sample in every modality"
            )
        if images.dtype.kind == "f":
            _check_finite(origin, name, images)


def _check_finite(origin: str, name: str, images: Array) -> None:
    for start in range(0, len(images), 1024):  # in blocks, so that no large mask is made
        finite = np.isfinite(images[start : start + 1024]).all(axis=(1, 2, 3))
        if not finite.all():
            sample = start + int(np.flatnonzero(~finite)[0])
            raise UserError(
                f"{origin}: modality {name} has NaN or infinite values, first in sample {sample}; "
                "remove those samples or fill the values in"
            )


def check_labels(origin: str, labels: Array, samples: int, num_classes: int | None) -> int:
    """Check class labels and return the number of classes.

    Args:
        origin: the file that they come from, for messages.
        labels: the label array as stored.
        samples: number of images per modality.
        num_classes: number of class names, or None where the file has none.

    Raises:
        UserError: the first thing that is wrong.
    """
    if labels.ndim == 3:
        raise UserError(
            f"{origin}: labels have shape {labels.shape}, one class per pixel, which this layout "
            "does not hold; give one class per sample, (N,), or an .npz file"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise UserError(
            f"{origin}: labels have shape {labels.shape} and type {labels.dtype.name}, expected "
            "(N,) integers"
        )
    if len(labels) != samples:
        raise UserError(
            f"{origin}: found {len(labels)} labels for {samples} samples; give one label each"
        )
    lowest, highest = int(labels.min()), int(labels.max())
    classes = highest + 1 if num_classes is None else num_classes
    if lowest < 0 or highest >= classes:
        raise UserError(
            f"{origin}: labels go from {lowest} to {highest}, expected 0 to {classes - 1}"
            + ("" if num_classes is None else f", one per entry of class_names ({num_classes})")
        )
    if classes < 2:
        raise UserError(f"{origin}: found 1 class, but a classifier needs at least 2")
    # A stray large label must not cost memory: of more classes than samples one is empty.
    small = labels[np.less_equal(labels, samples)].astype(np.int64)
    counts = np.bincount(small, minlength=min(classes, samples + 1))
    rarest = int(counts.argmin())
    if counts[rarest] < MINIMUM_PER_CLASS:
        raise UserError(
            f"{origin}: class {rarest} has {counts[rarest]} samples, but at least "
            f"{MINIMUM_PER_CLASS} are needed for training, validation and test; drop the class or "
            "add samples"
        )
    return classes
