"""The order of the training images and how each is augmented, the same for every method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from benchmark.records.augmentation import Augmentation, Size
from benchmark.training.augmentation import Draws, draw_augmentation
from benchmark.training.order import PAIRED, TEACHER, draw_epoch
from methods import Sampling


@dataclass(frozen=True)
class ImageOrder:
    """Training images, in order, and how each is augmented, on the device.

    Attributes:
        positions: within the training split (n,), int64.
        draws: how each is augmented; None without augmentation.
        stored: name -> images or label maps (n, ...) as they are stored; empty for a whole epoch.
    """

    positions: Tensor
    draws: Draws | None
    stored: Mapping[str, Tensor] = field(default_factory=dict)

    def part(self, first: int, last: int) -> "ImageOrder":
        """The places from `first` to before `last`, such as a batch, without stored pixels."""
        draws = None if self.draws is None else self.draws.part(first, last)
        return ImageOrder(self.positions[first:last], draws)

    def clone(self) -> "ImageOrder":
        """A copy of its own."""
        draws = None if self.draws is None else self.draws.clone()
        stored = {name: tensor.clone() for name, tensor in self.stored.items()}
        return ImageOrder(self.positions.clone(), draws, stored)

    def copy_(self, other: "ImageOrder") -> None:
        """Take over the values of another of the same length."""
        self.positions.copy_(other.positions)
        if self.draws is not None and other.draws is not None:
            self.draws.copy_(other.draws)
        for name, tensor in self.stored.items():
            tensor.copy_(other.stored[name])


def draw_image_orders(
    repetition: int,
    epoch: int,
    samples: int,
    sampling: Sampling,
    modalities: Sequence[str],
    own_teacher_view: bool,
    augmentation: Augmentation | None,
    size: Size,
    device: torch.device,
) -> dict[str, ImageOrder]:
    """Draw one epoch: stream -> order.

    Paired modalities share the stream `PAIRED`, others have one each of their name. A teacher with
    a view of its own has the stream `TEACHER`, on the positions of the first.

    Args:
        repetition: number of the repetition.
        epoch: from 0.
        samples: size of the training split.
        sampling: how the modalities of a batch belong together.
        modalities: what the learner reads.
        own_teacher_view: the teacher's views are drawn apart.
        augmentation: what views are drawn from; None for the images as they are.
        size: height and width of the images.
        device: where the orders are needed.
    """
    streams = [PAIRED] if sampling is Sampling.PAIRED else list(modalities)
    orders: dict[str, ImageOrder] = {}
    for stream in (*streams, *([TEACHER] if own_teacher_view else ())):
        # Decoupled modalities differ in their views alone.
        shared = sampling is not Sampling.INDEPENDENT or stream == TEACHER
        order_of = PAIRED if shared else stream
        positions = draw_epoch(repetition, epoch, samples, order_of, False, device).positions
        draws = None
        if augmentation is not None:
            draws = draw_augmentation(
                repetition, epoch, samples, stream, augmentation, size, device
            )
        orders[stream] = ImageOrder(positions, draws)
    return orders
