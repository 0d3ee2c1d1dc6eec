"""Miniature scenes: generated images with a class per pixel, from a seed.

As the other miniatures, they have known factors and are not samples of any published data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed
from datasets.preparing.readers import VOID

OBJECTS = 4  # in each scene, beside its background
NEAREST, FARTHEST = 1.0, 9.0


@dataclass(frozen=True)
class Scenes:
    """Images, depth and classes of n scenes.

    Attributes:
        colours: (n, 3, H, W), uint8.
        depth: (n, 1, H, W), float32, from `NEAREST` to `FARTHEST`.
        labels: (n, H, W), uint8, class indices; `VOID` around the objects.
    """

    colours: NDArray[np.uint8]
    depth: NDArray[np.float32]
    labels: NDArray[np.uint8]


def make_scenes(name: str, classes: int, samples: int, size: tuple[int, int]) -> Scenes:
    """Generate scenes of discs and boxes before a background, each of one class.

    Every class has a colour of its own. Depth tells classes apart in pairs alone, so that colours
    know more, as a teacher should. Both have noise, and colours a brightness of the scene.
    Classes come in turns, so that all are as frequent as objects of their size are.

    Args:
        name: of the data set that is stood in for; another one gives other scenes.
        classes: number of classes.
        samples: number of scenes.
        size: height and width.
    """
    random = np.random.default_rng(derive_seed("scenes", name))
    height, width = size
    rows, columns = np.mgrid[:height, :width]
    labels = np.empty((samples, height, width), np.uint8)
    turns = [random.permutation(classes) for _ in range(-(-samples * (OBJECTS + 1) // classes))]
    chosen = np.concatenate(turns)[: samples * (OBJECTS + 1)].reshape(samples, OBJECTS + 1)
    for sample, (background, *objects) in enumerate(chosen):
        labels[sample] = background
        for label in objects:
            centre = random.uniform(0.15, 0.85, size=2) * size
            half = random.uniform(0.12, 0.3, size=2) * min(size)
            down, along = np.abs(rows - centre[0]) / half[0], np.abs(columns - centre[1]) / half[1]
            distance = np.hypot(down, along) if random.random() < 0.5 else np.maximum(down, along)
            labels[sample][distance < 1] = label
            labels[sample][(distance >= 1) & (distance < 1.1)] = VOID
    shown = np.where(labels == VOID, 0, labels)
    palette = random.uniform(0, 1, size=(classes, 3))
    palette[:, 0] = (np.arange(classes) + 0.5) / classes
    brightness = random.uniform(0.8, 1, size=(samples, 1, 1, 1))
    colours = palette[shown] * brightness
    colours = colours.transpose(0, 3, 1, 2) + random.normal(0, 0.05, (samples, 3, *size))
    pairs = (classes + 1) // 2
    depth = NEAREST + (FARTHEST - NEAREST) * (shown % pairs + 0.5) / pairs
    depth = depth[:, None] + random.normal(0, 0.1, (samples, 1, *size))
    return Scenes(
        (colours.clip(0, 1) * 255).round().astype(np.uint8),
        depth.clip(NEAREST, FARTHEST).astype(np.float32),
        labels,
    )
