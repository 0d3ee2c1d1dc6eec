"""From the entry of a suite file to an opened data set."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import DatasetNotFoundError, UserError
from datasets.base import Dataset
from datasets.cards import CARDS, DatasetCard
from datasets.generated import gaussian
from datasets.own.npy import IMAGES_SUFFIX, read_npy_folder
from datasets.own.npz import read_npz
from datasets.preparing.cache import StaleCacheError
from datasets.preparing.preparation import Progress, find_prepared, open_prepared, prepare
from datasets.preparing.readers import READERS, PreparationOptions, locate
from datasets.preparing.resize import resize_images, resize_labels
from datasets.stand_ins.archives import open_miniature

SourceKind = Literal["npz", "npy", "published", "miniature", "generated"]

GENERATED = {gaussian.NAME: gaussian.make_gaussian}


@dataclass(frozen=True)
class DatasetSource:
    """Where a data set comes from; small and picklable, so that workers open it themselves.

    Attributes:
        kind: "npz" and "npy" read `path`; "published" looks in the folder `path` for one of the
            data sets with a card; "miniature" generates a stand-in for it there; "generated" needs
            no file.
        name: the name in tables; for "published" and "miniature" that of a card, for "generated"
            one of `GENERATED`.
        path: file or folder.
        image_size: side in pixels that all modalities are resized to; None keeps their sizes, or
            takes that of the card. The height where a card's images are not square.
        modalities: for a published data set, what to read; None for those of the card.
        choices: for a published data set, options of its reader, (name, value) each; for a
            generated one, its own.
    """

    kind: SourceKind
    name: str
    path: Path
    image_size: int | None = None
    modalities: tuple[str, ...] | None = None
    choices: tuple[tuple[str, str], ...] = ()


def open_dataset(source: DatasetSource, progress: Progress | None = None) -> Dataset:
    """Open, check and resize a data set; arguments and errors as those of `read_dataset`."""
    dataset = read_dataset(source, progress)
    size = target_size(source)
    if size is None:
        return dataset
    resized = {name: resize_images(images, size) for name, images in dataset.modalities.items()}
    labels = dataset.labels
    if dataset.task == "segmentation":
        labels = resize_labels(labels, size)
    return replace(dataset, modalities=resized, labels=labels)


def target_size(source: DatasetSource) -> tuple[int, int] | None:
    """Height and width that images are resized to; None where they keep their sizes."""
    if source.image_size is None:
        return None
    if source.kind == "published":
        return CARDS.get(source.name).size(source.image_size)
    return source.image_size, source.image_size


def read_dataset(source: DatasetSource, progress: Progress | None = None) -> Dataset:
    """Open and check a data set, preparing it first where only its archives are there.

    Images of a user's own data keep the size that they are stored in.

    Args:
        source: what to open.
        progress: told the numbers of pairs prepared and in all, where it has to be prepared.

    Raises:
        DatasetNotFoundError: its files are not where they belong.
        UserError: its files are not as they should be.
    """
    if source.kind == "npz":
        return read_npz(source.name, source.path)
    if source.kind == "npy":
        return read_npy_folder(source.name, source.path)
    if source.kind == "generated":
        return GENERATED[source.name](dict(source.choices))
    if source.kind == "miniature":
        return open_miniature(CARDS.get(source.name), source.path, source.modalities)
    return _open_published(source, progress)


def _open_published(source: DatasetSource, progress: Progress | None) -> Dataset:
    """Open the prepared data, or prepare it, or open `<name>.npz` or the released layout."""
    card = CARDS.get(source.name)
    options = PreparationOptions(source.image_size, source.modalities, source.choices)
    stale: StaleCacheError | None = None
    missing: DatasetNotFoundError
    try:
        folder = find_prepared(card.name, source.path, options)
        if folder is not None:
            return _with_notes(card, open_prepared(folder))
    except StaleCacheError as error:
        stale = error
    try:
        locate(card, READERS.get(card.name), source.path)
    except DatasetNotFoundError as error:
        missing = error
    else:
        return _with_notes(card, open_prepared(prepare(card.name, source.path, options, progress)))
    archive, released = source.path / f"{card.name}.npz", source.path / card.name
    if archive.is_file():
        dataset = read_npz(card.name, archive)
    elif any(released.glob(f"*{IMAGES_SUFFIX}")):
        dataset = read_npy_folder(card.name, released)
    elif stale is not None:
        raise stale
    else:
        raise missing
    return _compare_with_card(card, dataset, source.modalities or tuple(card.modalities))


def _compare_with_card(card: DatasetCard, dataset: Dataset, modalities: tuple[str, ...]) -> Dataset:
    """Check channels and classes of converted data, and keep the wanted modalities."""
    available = card.all_modalities
    for modality in modalities:
        found = dataset.channels.get(modality)
        if found != available.get(modality):
            raise UserError(
                f"{card.label}: modality {modality} has {found or 'no'} channels, expected "
                f"{available.get(modality)}"
            )
    if len(dataset.class_names) != len(card.class_names):
        raise UserError(
            f"{card.label}: found {len(dataset.class_names)} classes, expected "
            f"{len(card.class_names)}"
        )
    ordered = {name: dataset.modalities[name] for name in available if name in modalities}
    return replace(dataset, modalities=ordered)


def _with_notes(card: DatasetCard, dataset: Dataset) -> Dataset:
    """Note where the number of pairs is not the published one."""
    if card.samples is None or len(dataset) == card.samples:
        return dataset
    note = f"{len(dataset)} pairs found, the publication counts {card.samples}"
    return replace(dataset, notes=(*dataset.notes, note))
