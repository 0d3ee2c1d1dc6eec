"""Finds data by what it is, whatever its name and place in the data folder."""

import zipfile
from collections.abc import Collection
from pathlib import Path

from core.errors import UserError
from datasets.base import Dataset
from datasets.own.npz import read_npz
from datasets.preparing.cache import META, open_cache, read_meta
from datasets.preparing.preparation import FOLDER
from datasets.stand_ins.archives import FOLDER as STAND_INS


def find_label_maps(
    fingerprint: str, name: str, modalities: Collection[str], folder: Path
) -> Dataset | None:
    """The data set with one class per pixel that has this content, opened as it is stored.

    Prepared data is looked through, and the archives of a user. Nothing is prepared.

    Args:
        fingerprint: of its content.
        name: what it is to be called.
        modalities: those that it must have.
        folder: the data folder.

    Returns:
        None where it is not there, or cannot be read.
    """
    for meta_file in (
        *folder.glob(f"{FOLDER}/*/{META}"),
        *folder.glob(f"{STAND_INS}/*/*/*/{META}"),
    ):
        try:
            meta = read_meta(meta_file.parent)
            if meta is not None and meta.fingerprint == fingerprint:
                return open_cache(meta_file.parent, meta)
        except UserError:
            continue
    needed = {f"{array}.npy" for array in (*modalities, "labels")}
    for path in sorted(folder.glob("*.npz")):
        try:
            with zipfile.ZipFile(path) as archive:
                if not needed <= set(archive.namelist()):
                    continue
            dataset = read_npz(name, path)
        except (OSError, zipfile.BadZipFile, UserError):
            continue
        if dataset.fingerprint == fingerprint:
            return dataset
    return None
