"""From the entry of a suite file to an opened data set."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import DatasetNotFoundError, UserError
from datasets.base import Dataset
from datasets.cards import CARDS, DatasetCard
from datasets.miniature import make_miniature
from datasets.npy import read_npy_folder
from datasets.npz import read_npz
from datasets.resize import resize_images

SourceKind = Literal["npz", "npy", "published", "miniature"]


@dataclass(frozen=True)
class DatasetSource:
    """Where a data set comes from; small and picklable, so that workers open it themselves.

    Attributes:
        kind: "npz" and "npy" read `path`; "published" looks in the folder `path` for one of the
            data sets with a card; "miniature" generates a stand-in for it.
        name: the name in tables, for the last two kinds the name of a card.
        path: file or folder; not used for "miniature".
        image_size: side in pixels that all modalities are resized to; None keeps their sizes.
    """

    kind: SourceKind
    name: str
    path: Path
    image_size: int | None = None


def open_dataset(source: DatasetSource) -> Dataset:
    """Open, check and resize a data set.

    Raises:
        DatasetNotFoundError: its files are not where they belong.
        UserError: its files are not as they should be.
    """
    if source.kind == "npz":
        dataset = read_npz(source.name, source.path)
    elif source.kind == "npy":
        dataset = read_npy_folder(source.name, source.path)
    elif source.kind == "miniature":
        dataset = make_miniature(CARDS.get(source.name))
    else:
        dataset = _open_published(CARDS.get(source.name), source.path)
    if source.image_size is None:
        return dataset
    resized = {
        name: resize_images(images, source.image_size)
        for name, images in dataset.modalities.items()
    }
    return replace(dataset, modalities=resized)


def _open_published(card: DatasetCard, folder: Path) -> Dataset:
    """Open `<name>.npz` or the released layout in `<name>/`, and compare it with the card."""
    archive, released = folder / f"{card.name}.npz", folder / card.name
    if archive.is_file():
        dataset = read_npz(card.name, archive)
    elif released.is_dir():
        dataset = read_npy_folder(card.name, released)
    else:
        raise DatasetNotFoundError(
            f"{card.label} is missing: found neither {archive} nor {released}; put the data there "
            f"(described at {card.homepage}), name another place with --data, or try the suite "
            "without it with --smoke"
        )
    for modality, channels in card.modalities.items():
        found = dataset.channels.get(modality)
        if found != channels:
            raise UserError(
                f"{card.label}: modality {modality} has {found or 'no'} channels, expected "
                f"{channels}"
            )
    if len(dataset.class_names) != len(card.class_names):
        raise UserError(
            f"{card.label}: found {len(dataset.class_names)} classes, expected "
            f"{len(card.class_names)}"
        )
    ordered = {name: dataset.modalities[name] for name in card.modalities}
    return replace(dataset, modalities=ordered)
