"""What is drawn for the images of one epoch: where each is cropped, and how its colours change."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.records.augmentation import Augmentation, Size
from core.seeding import derive_seed

# Columns of `Draws.geometry`.
FLIP, HEIGHT, WIDTH, TOP, LEFT = range(5)
# Columns of `Draws.colours`.
BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)


@dataclass(frozen=True)
class Draws:
    """How each of n images is augmented, on the device.

    Attributes:
        geometry: (n, 5), int64: 1 where the image is mirrored, else 0; height and width that it is
            scaled to; row and column of the scaled image where the crop begins, negative where
            the scaled image is smaller than the crop and is padded on both sides.
        colours: (n, 4), float32: factors of brightness, contrast and saturation, and the shift of
            the hue.
    """

    geometry: Tensor
    colours: Tensor

    def part(self, first: int, last: int) -> "Draws":
        """Those of the images from `first` to before `last`, such as a batch."""
        return Draws(self.geometry[first:last], self.colours[first:last])

    def clone(self) -> "Draws":
        """A copy of its own, such as the one that a CUDA graph reads."""
        return Draws(self.geometry.clone(), self.colours.clone())

    def copy_(self, other: "Draws") -> None:
        """Take over the values of as many others."""
        self.geometry.copy_(other.geometry)
        self.colours.copy_(other.colours)


def draw_augmentation(
    repetition: int,
    epoch: int,
    samples: int,
    stream: str,
    settings: Augmentation,
    size: Size,
    device: torch.device,
) -> Draws:
    """Draw one epoch.

    Drawn on the CPU from (repetition, epoch, stream) alone, as the order of the samples is, so
    that all methods of a repetition see the same views on every device. What is drawn for a place
    in the epoch does not depend on the other settings: without jitter, or with another crop, the
    flips and scales are the same.

    Args:
        repetition: number of the repetition.
        epoch: from 0.
        samples: places in the epoch, in the order of the batches.
        stream: `PAIRED` where all modalities share one geometry, else the modality's name.
        settings: what is drawn from.
        size: height and width of the images.
        device: where it is needed.

    Raises:
        UserError: the crop is larger than the images.
    """
    random = np.random.default_rng(derive_seed("augmentation", repetition, epoch, stream))
    flipped, chosen, row, column = random.random((4, samples))
    jitter = random.random((samples, 4)).astype(np.float32)
    scales = np.array(settings.scales)
    scale = scales[(chosen * len(scales)).astype(np.int64)]
    columns: dict[int, NDArray[np.int64]] = {FLIP: (flipped < settings.flip).astype(np.int64)}
    crop = settings.crop_size(size)
    for axis, start, place, image, wanted in (
        (HEIGHT, TOP, row, size[0], crop[0]),
        (WIDTH, LEFT, column, size[1], crop[1]),
    ):
        scaled = np.maximum(np.floor(image * scale), 1).astype(np.int64)
        room = scaled - wanted
        # Drawn where there is room; centred, between two margins of padding, where there is none.
        columns[axis] = scaled
        columns[start] = np.where(room >= 0, np.floor(place * (room + 1)), -(-room // 2)).astype(
            np.int64
        )
    geometry = np.stack([columns[name] for name in range(len(columns))], axis=1)
    strengths = np.array(
        [settings.brightness, settings.contrast, settings.saturation, settings.hue], np.float32
    )
    centres = np.array([1, 1, 1, 0], np.float32)
    colours = centres + (2 * jitter - 1) * strengths
    return Draws(
        torch.from_numpy(geometry).to(device, non_blocking=True),
        torch.from_numpy(colours).to(device, non_blocking=True),
    )
