"""The shapes that speed is measured at: those of the published data sets, filled with noise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
    """

    dataset: str
    teacher: str
    student: str
    types: Mapping[str, str]

    @property
    def card(self) -> DatasetCard:
        """What is known of the data set."""
        return CARDS.get(self.dataset)

    @property
    def split_sizes(self) -> tuple[int, int, int]:
        """Samples of training, validation and test, except for rounding within each class."""
        samples = self.card.samples or 0
        train, validation = round(samples * SHARES[0]), round(samples * SHARES[1])
        return train, validation, samples - train - validation


SHAPES = {
    "eurosat": Shape("eurosat_ms_sar", "MS", "SAR", {"MS": "uint16", "SAR": "float16"}),
    "sunrgbd": Shape("sunrgbd", "RGB", "DEPTH", {"RGB": "uint8", "DEPTH": "uint16"}),
    "tristar": Shape("tristar", "THERMAL", "DEPTH", {"THERMAL": "uint16", "DEPTH": "uint16"}),
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
    for name in (shape.teacher, shape.student):
        size = (samples, card.modalities[name], card.image_size, card.image_size)
        kind = np.dtype(shape.types[name])
        modalities[name] = (
            random.integers(0, np.iinfo(kind).max, size, kind)
            if kind.kind == "u"
            else random.standard_normal(size, np.float32).astype(kind)
        )
    rest = np.arange(training, samples)
    return Dataset(
        name=card.name,
        modalities=modalities,
        labels=random.integers(0, len(card.class_names), samples),
        class_names=card.class_names,
        fingerprint="noise",
        given_splits={0: Split(np.arange(training), rest, rest)},
    )
