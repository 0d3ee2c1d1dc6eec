"""Own data in one `.npz` file: an array per modality, named in capitals, and `labels`."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DatasetNotFoundError, UserError
from datasets.base import Dataset, fingerprint
from datasets.own.array_files import read_npz_arrays
from datasets.own.label_maps import check_label_maps, fill_holes
from datasets.own.validation import check_images, check_labels

OTHER_KEYS = ("labels", "class_names", "groups", "ignore_index")


def read_npz(name: str, path: Path) -> Dataset:
    """Read a data set from one archive.

    Arrays: one per modality, named in capitals, (N, C, H, W), uint8, int16, uint16, float16 or
    float32; `labels` (N,), or (N, H, W) for one class per pixel; optionally `class_names` (C,),
    `groups` (N,) and, with one class per pixel, `ignore_index`, the label of pixels without one.

    Raises:
        DatasetNotFoundError: there is no such file.
        UserError: the file cannot be read, or its content is not as described.
    """
    if not path.is_file():
        raise DatasetNotFoundError(
            f"no file {path}; give the path of an .npz file with one array per modality"
        )
    arrays = read_npz_arrays(path)
    modalities = {key: array for key, array in arrays.items() if key.isupper()}
    for key, array in arrays.items():
        if array.dtype.kind in "mM":  # which no fingerprint can be made of
            raise UserError(
                f"{path}: array '{key}' has type {array.dtype.name}, expected numbers or text; "
                "convert it, for instance with .astype('int64')"
            )
        if key not in modalities and key not in OTHER_KEYS:
            raise UserError(
                f"{path}: array '{key}' is not one of {', '.join(OTHER_KEYS)}, nor a modality; "
                f"name modalities in capitals, such as '{key.upper()}'"
            )
    if "labels" not in arrays:
        raise UserError(
            f"{path}: no array 'labels' found; add the class index of each sample, (N,), or of "
            "each pixel, (N, H, W)"
        )
    labels = arrays["labels"]
    holes: tuple[str, ...] = ()
    if labels.ndim == 3:
        modalities, holes = fill_holes(modalities)
    check_images(str(path), modalities)
    names = arrays.get("class_names")
    if names is not None and names.ndim != 1:
        raise UserError(f"{path}: class_names have shape {names.shape}, expected one per class")
    named = None if names is None else len(names)
    samples = len(next(iter(modalities.values())))
    ignored = arrays.get("ignore_index")
    if labels.ndim == 3:
        maps = check_label_maps(str(path), labels, modalities, named, ignored)
        kept: NDArray[np.integer[Any]] = maps.labels
        classes, ignore_index = maps.num_classes, maps.ignore_index
    else:
        if ignored is not None:
            raise UserError(
                f"{path}: ignore_index is for one class per pixel, but labels have shape "
                f"{labels.shape}; remove it, and samples without a class"
            )
        classes, ignore_index = check_labels(str(path), labels, samples, named), None
        kept = labels.astype(np.int64)
    groups = arrays.get("groups")
    if groups is not None and groups.shape != (samples,):
        raise UserError(f"{path}: groups have shape {groups.shape}, expected ({samples},)")
    return Dataset(
        name=name,
        modalities=modalities,
        labels=kept,
        class_names=tuple(map(str, range(classes) if names is None else names)),
        groups=groups,
        fingerprint=fingerprint({key: arrays[key] for key in arrays if key != "class_names"}),
        ignore_index=ignore_index,
        notes=holes,
    )
