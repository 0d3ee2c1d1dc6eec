"""What is known of a published data set before any of its files is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from core.registry import Registry

Task = Literal["classification", "segmentation"]


@dataclass(frozen=True)
class RemoteFile:
    """A file on a public server.

    Attributes:
        url: http or https address.
        name: path below the data set's folder, with forward slashes.
        size: bytes, or None where no source states it.
        sha256: hexadecimal digest as published, or None; `md5` likewise.
    """

    url: str
    name: str
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None

    @property
    def file_name(self) -> str:
        """The last part of `name`."""
        return PurePosixPath(self.name).name


@dataclass(frozen=True)
class DatasetCard:
    """A published data set.

    Attributes:
        name: the name in suite files.
        label: the name in tables.
        homepage: where its terms and download are described.
        modalities: name -> channels, in the order of the paper's tables.
        class_names: in the order of the labels.
        samples: number of pairs that the publication counts, or None where sources disagree.
        image_size: side in pixels that images are resized to unless a suite says otherwise; the
            height where they are not square.
        optional_modalities: name -> channels of what is read only when a suite asks for it.
        class_counts: class name -> expected number of pairs; empty where no source states them.
        archives: the files of the official distribution.
        licence: terms in a few words.
        citation: what to cite.
        layouts: what the reader accepts in the data folder, one sentence each.
        task: one class per pair, or one per pixel.
        proportion: height to width of the images.
        embedded: folder of this package with the same data, read where the data folder has none
            and small enough to ship; None for most.
    """

    name: str
    label: str
    homepage: str
    modalities: Mapping[str, int]
    class_names: tuple[str, ...]
    samples: int | None
    image_size: int
    optional_modalities: Mapping[str, int] = field(default_factory=dict)
    class_counts: Mapping[str, int] = field(default_factory=dict)
    archives: tuple[RemoteFile, ...] = ()
    licence: str = "not stated"
    citation: str = ""
    layouts: tuple[str, ...] = ()
    task: Task = "classification"
    proportion: tuple[int, int] = (1, 1)
    embedded: Path | None = None

    @property
    def all_modalities(self) -> dict[str, int]:
        """Name -> channels of every modality, the optional ones last."""
        return {**self.modalities, **self.optional_modalities}

    def size(self, image_size: int | None = None) -> tuple[int, int]:
        """Height and width in pixels of images that are `image_size` high; None: as usual."""
        chosen = image_size or self.image_size
        height, width = self.proportion
        return chosen, chosen * width // height


CARDS: Registry[DatasetCard] = Registry("data set")
