"""The layout of the code released with DisCoM-KD: a folder of `.npy` files, already normalised."""

import re
from pathlib import Path

import numpy as np

from core.errors import DatasetNotFoundError, UserError
from datasets.base import Array, Dataset, fingerprint
from datasets.own.array_files import map_npy
from datasets.own.validation import check_images, check_labels
from datasets.splits import Split

IMAGES_SUFFIX = "_data_normalized.npy"
NOTE = "images were normalised before they were split, as in the released layout"


def read_npy_folder(name: str, folder: Path) -> Dataset:
    """Read `<PREFIX>_data_normalized.npy` per modality, `labels.npy` and given index files.

    Images are (N, C, H, W), float in [0, 1], and are used as they are. `train_idx_<i>.npy`,
    `valid_idx_<i>.npy` and `test_idx_<i>.npy`, where present, are the split of repetition i.

    Raises:
        DatasetNotFoundError: there is no such folder.
        UserError: a file is missing, cannot be read, or its content is not as described.
    """
    if not folder.is_dir():
        raise DatasetNotFoundError(
            f"no folder {folder}; give a folder with <MODALITY>{IMAGES_SUFFIX} and labels.npy"
        )
    modalities = {
        path.name.removesuffix(IMAGES_SUFFIX): _load(path)
        for path in sorted(folder.glob(f"*{IMAGES_SUFFIX}"))
    }
    check_images(str(folder), modalities)
    for modality, images in modalities.items():
        low, high = float(images.min()), float(images.max())
        if low < 0 or high > 1:
            raise UserError(
                f"{folder / (modality + IMAGES_SUFFIX)}: values go from {low:g} to {high:g}, "
                "expected [0, 1]; scale them, or give raw data as an .npz file"
            )
    labels = _load(folder / "labels.npy")
    samples = len(next(iter(modalities.values())))
    classes = check_labels(str(folder), labels, samples, None)
    splits, index_files = _given_splits(folder, samples)
    return Dataset(
        name=name,
        modalities=modalities,
        labels=labels.astype(np.int64),
        class_names=tuple(map(str, range(classes))),
        fingerprint=fingerprint("normalised", modalities, {"labels": labels}, index_files),
        normalised=True,
        given_splits=splits,
        notes=(NOTE,),
    )


def _load(path: Path) -> Array:
    if not path.is_file():
        raise UserError(f"no file {path}; the released layout needs it")
    return map_npy(path)


def _given_splits(folder: Path, samples: int) -> tuple[dict[int, Split], dict[str, Array]]:
    splits: dict[int, Split] = {}
    files: dict[str, Array] = {}
    for path in sorted(folder.glob("train_idx_*.npy")):
        match = re.fullmatch(r"train_idx_(\d+)\.npy", path.name)
        if match is None:
            continue
        repetition = int(match[1])
        parts = []
        for part in ("train", "valid", "test"):
            indices = _load(folder / f"{part}_idx_{repetition}.npy").astype(np.int64)
            if indices.ndim != 1 or not len(indices):
                raise UserError(f"{folder}: {part}_idx_{repetition}.npy is not a list of indices")
            if indices.min() < 0 or indices.max() >= samples:
                raise UserError(
                    f"{folder}: {part}_idx_{repetition}.npy has indices from {indices.min()} to "
                    f"{indices.max()}, expected 0 to {samples - 1}"
                )
            files[f"{part}_{repetition}"] = indices
            parts.append(indices)
        joined = np.concatenate(parts)
        if len(np.unique(joined)) != len(joined):
            raise UserError(
                f"{folder}: the index files of repetition {repetition} share samples between "
                "training, validation and test; give each sample to one part"
            )
        splits[repetition] = Split(*parts)
    return splits, files
