"""Finds data by what it is, whatever its name and place in the data folder."""

import zipfile
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from core.errors import UserError
from datasets.base import Dataset
from datasets.cards import CARDS
from datasets.own.npy import IMAGES_SUFFIX, read_npy_folder
from datasets.own.npz import read_npz
from datasets.preparing.cache import META, open_cache, read_meta
from datasets.preparing.preparation import FOLDER
from datasets.source import GENERATED
from datasets.stand_ins.archives import ARCHIVE_WRITERS
from datasets.stand_ins.archives import FOLDER as STAND_INS
from datasets.stand_ins.miniature import make_miniature

_MINIATURE = "_miniature"


def find_dataset(
    fingerprint: str, name: str, modalities: Collection[str], folder: Path
) -> Dataset | None:
    """The data set that has this content, opened as it is stored.

    Prepared data is looked through, the archives and folders of a user, and what is generated under
    this name with the default options. Nothing is prepared.

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
    others = chain(_own(name, modalities, folder), _generated(name))
    return next((found for found in others if found.fingerprint == fingerprint), None)


def _own(name: str, modalities: Collection[str], folder: Path) -> Iterator[Dataset]:
    """The archives and folders of arrays that have these modalities and can be read."""
    needed = {f"{array}.npy" for array in (*modalities, "labels")}
    for path in sorted(folder.glob("*.npz")):
        try:
            with zipfile.ZipFile(path) as archive:
                if not needed <= set(archive.namelist()):
                    continue
            yield read_npz(name, path)
        except (OSError, zipfile.BadZipFile, UserError):
            continue
    for labels in sorted(folder.glob("*/labels.npy")):
        home = labels.parent
        if all((home / f"{modality}{IMAGES_SUFFIX}").is_file() for modality in modalities):
            try:
                yield read_npy_folder(name, home)
            except UserError:
                continue


def _generated(name: str) -> Iterator[Dataset]:
    """What needs no files."""
    if name in GENERATED:
        yield GENERATED[name]({})
    card = name.removesuffix(_MINIATURE)
    if card != name and card in CARDS and card not in ARCHIVE_WRITERS:
        yield make_miniature(CARDS.get(card))
