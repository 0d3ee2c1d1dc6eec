"""What is known of a published data set before any of its files is opened."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.registry import Registry


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
        image_size: side in pixels that images are resized to unless a suite says otherwise.
    """

    name: str
    label: str
    homepage: str
    modalities: Mapping[str, int]
    class_names: tuple[str, ...]
    samples: int | None
    image_size: int


CARDS: Registry[DatasetCard] = Registry("data set")
