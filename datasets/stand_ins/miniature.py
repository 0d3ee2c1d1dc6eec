"""Miniature stand-ins: generated images with the shape of a published data set, from a seed.

They let the whole path run in minutes and have known factors, so that tests can say what a method
should be able to see. They are not samples of the published data, and no result on them says
anything about it.
"""

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed
from datasets.base import Array, Dataset, fingerprint
from datasets.cards import DatasetCard

NOTE = "miniature data generated from a seed: no result of the published data set"

SAMPLES = 200
SIZE = 16


def make_miniature(
    card: DatasetCard, samples_per_class: int | None = None, size: int = SIZE
) -> Dataset:
    """Generate a stand-in with the card's modalities, channels and classes.

    The class is a pair of factors, see `class_factors`. The shared factor is the radius of a disc
    and is in every modality. The private factor is the sign of a blob inside the disc and is in
    the first modality alone, so no student on another modality can tell the classes that differ in
    it. Each modality adds a nuisance of its own: a brightness gradient of random direction, a
    random gain, and noise, all weak enough that a few dozen steps learn the radius. Disc and blob
    are round, so the eight views of D4 keep the class.

    Args:
        card: the data set that is stood in for.
        samples_per_class: at least 3; None for about 200 samples in all.
        size: side of the images in pixels.
    """
    classes = len(card.class_names)
    labels = np.repeat(np.arange(classes), samples_per_class or SAMPLES // classes)
    shared, private = class_factors(classes)
    levels = int(shared.max()) + 1
    modalities: dict[str, Array] = {}
    for position, (name, channels) in enumerate(card.modalities.items()):
        random = np.random.default_rng(derive_seed("miniature", card.name, name))
        disc, blob = _shapes(size, levels)
        signal = disc[shared[labels]]
        if position == 0:
            signal = signal + np.where(private[labels] == 0, 1.0, -1.0)[:, None, None] * blob
        gains = random.uniform(0.5, 1.0, size=channels)
        images = signal[:, None] * gains[None, :, None, None]
        images = images + _nuisance(random, len(labels), size)[:, None]
        images = images + random.normal(0, 0.15, size=images.shape)
        modalities[name] = _store_compactly(name, images)
    return Dataset(
        name=f"{card.name}_miniature",
        modalities=modalities,
        labels=labels.astype(np.int64),
        class_names=card.class_names,
        fingerprint=fingerprint("miniature", modalities, {"labels": labels}),
        notes=(NOTE,),
    )


def class_factors(classes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shared and private factor of each class, both (classes,); the private one is 0 or 1."""
    levels = (classes + 1) // 2
    return np.arange(classes) % levels, np.arange(classes) // levels


def _shapes(size: int, levels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Discs of growing radius (levels, size, size) and a centre blob (size, size)."""
    axis = np.arange(size) - (size - 1) / 2
    radius = np.hypot(*np.meshgrid(axis, axis))
    wanted = np.linspace(0.35, 0.95, levels)[:, None, None] * size / 2
    disc = 2 / (1 + np.exp((radius[None] - wanted) / (0.03 * size)))
    return disc, 2 * np.exp(-((radius / (0.12 * size)) ** 2))


def _nuisance(random: np.random.Generator, samples: int, size: int) -> NDArray[np.float64]:
    """A brightness gradient of random direction and strength per sample (samples, size, size)."""
    axis = np.linspace(-1, 1, size)
    slope = random.normal(0, 0.2, size=(samples, 2))
    gradient = slope[:, :1, None] * axis[None, :, None] + slope[:, 1:, None] * axis[None, None, :]
    return gradient + random.normal(0, 0.1, size=(samples, 1, 1))


def _store_compactly(modality: str, images: NDArray[np.float64]) -> Array:
    """Store values of about [-6, 6] in the type that the published data has."""
    if modality in ("SAR", "S1"):  # decibels
        return (images * 4 - 12).astype(np.float16)
    top = 255 if modality == "RGB" else 10000
    scaled = np.clip((images + 6) / 12, 0, 1) * top
    return scaled.round().astype(np.uint8 if modality == "RGB" else np.uint16)
