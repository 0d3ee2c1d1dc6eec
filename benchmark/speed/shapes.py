"""The shapes that speed is measured at: those of the published data sets, filled with noise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets import CARDS, Dataset, DatasetCard, Split
from datasets.splits import SHARES


@dataclass(frozen=True)
class Shape:
    """A data set as far as its speed goes.

    Attributes:
        dataset: name of the card that has its modalities, size, classes and number of samples.
        teacher: the teacher's modality.
        student: the student's.
        types: modality -> the type that its images are stored in.
        both: the teacher sees the student's modality too.
        network: settings of the task's networks that are not its defaults.
    """

    dataset: str
    teacher: str
    student: str
    types: Mapping[str, str]
    both: bool = False
    network: Mapping[str, Any] = field(default_factory=dict)

    @property
    def card(self) -> DatasetCard:
        """What is known of the data set."""
        return CARDS.get(self.dataset)

    @property
    def modalities(self) -> tuple[str, str]:
        """The two that have a part in it."""
        return self.teacher, self.student

    @property
    def teacher_modalities(self) -> tuple[str, ...]:
        """What the teacher sees."""
        return self.modalities if self.both else (self.teacher,)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return self.card.size()

    @property
    def split_sizes(self) -> tuple[int, int, int]:
        """Samples of training, validation and test, except for rounding within each class."""
        samples = self.card.samples or 0
        train, validation = round(samples * SHARES[0]), round(samples * SHARES[1])
        return train, validation, samples - train - validation


def _with_labels_per_pixel(dataset: str, depth: str) -> Shape:
    """Of a data set of the CroDiNo-KD paper; weights change no time, so none are downloaded."""
    types = {"RGB": "uint8", "DEPTH": depth}
    return Shape(dataset, "RGB", "DEPTH", types, both=True, network={"weights": "none"})


SHAPES = {
    "eurosat": Shape("eurosat_ms_sar", "MS", "SAR", {"MS": "uint16", "SAR": "float16"}),
    "sunrgbd": Shape("sunrgbd", "RGB", "DEPTH", {"RGB": "uint8", "DEPTH": "uint16"}),
    "tristar": Shape("tristar", "THERMAL", "DEPTH", {"THERMAL": "uint16", "DEPTH": "uint16"}),
    "nyu": _with_labels_per_pixel("nyu_depth_v2", "uint16"),
    "potsdam": _with_labels_per_pixel("potsdam", "uint8"),
    "midair": _with_labels_per_pixel("midair", "float16"),
}


def make_noise(shape: Shape, training: int, evaluated: int) -> Dataset:
    """Random images and labels of a shape.

    Args:
        shape: of what.
        training: samples of the training split.
        evaluated: further samples, which validation and test share.
    """
    random = np.random.default_rng(0)
    card, samples = shape.card, training + evaluated
    modalities = {}
    for name in shape.modalities:
        size = (samples, card.modalities[name], *shape.size)
        kind = np.dtype(shape.types[name])
        modalities[name] = (
            random.integers(0, np.iinfo(kind).max, size, kind)
            if kind.kind == "u"
            else random.standard_normal(size, np.float32).astype(kind)
        )
    classes = len(card.class_names)
    labels: NDArray[Any] = random.integers(0, classes, samples)
    if card.task == "segmentation":
        labels = random.integers(0, classes, (samples, *shape.size), np.uint8)
    rest = np.arange(training, samples)
    return Dataset(
        name=card.name,
        modalities=modalities,
        labels=labels,
        class_names=card.class_names,
        fingerprint="noise",
        given_splits={0: Split(np.arange(training), rest, rest)},
    )
