"""Own data in one `.npz` file: an array per modality, named in capitals, and `labels`."""

import zipfile
from pathlib import Path

import numpy as np

from core.errors import DatasetNotFoundError, UserError
from datasets.base import Array, Dataset, fingerprint
from datasets.own.validation import check_images, check_labels

OTHER_KEYS = ("labels", "class_names", "groups", "ignore_index")


def read_npz(name: str, path: Path) -> Dataset:
    """Read a data set from one archive.

    Arrays: one per modality, named in capitals, (N, C, H, W), uint8, int16, uint16, float16 or
    float32; `labels` (N,); optionally `class_names` (C,) and `groups` (N,).

    Raises:
        DatasetNotFoundError: there is no such file.
        UserError: the file cannot be read, or its content is not as described.
    """
    arrays = _load_arrays(path)
    modalities = {key: array for key, array in arrays.items() if key.isupper()}
    for key in arrays:
        if key not in modalities and key not in OTHER_KEYS:
            raise UserError(
                f"{path}: array '{key}' is not one of {', '.join(OTHER_KEYS)}, nor a modality; "
                f"name modalities in capitals, such as '{key.upper()}'"
            )
    check_images(str(path), modalities)
    if "labels" not in arrays:
        raise UserError(
            f"{path}: no array 'labels' found; add the class index of each sample, (N,)"
        )
    names = arrays.get("class_names")
    samples = len(next(iter(modalities.values())))
    classes = check_labels(
        str(path), arrays["labels"], samples, None if names is None else len(names)
    )
    groups = arrays.get("groups")
    if groups is not None and groups.shape != (samples,):
        raise UserError(f"{path}: groups have shape {groups.shape}, expected ({samples},)")
    return Dataset(
        name=name,
        modalities=modalities,
        labels=arrays["labels"].astype(np.int64),
        class_names=tuple(map(str, range(classes) if names is None else names)),
        groups=groups,
        fingerprint=fingerprint({key: arrays[key] for key in arrays if key != "class_names"}),
    )


def _load_arrays(path: Path) -> dict[str, Array]:
    if not path.is_file():
        raise DatasetNotFoundError(
            f"no file {path}; give the path of an .npz file with one array per modality"
        )
    try:
        # Opened here, since numpy leaves a truncated archive open.
        with path.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise UserError(f"{path} holds a single array, expected an .npz archive")
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UserError(f"cannot read {path} as an .npz archive: {error}") from None
