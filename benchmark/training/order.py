"""The order of the training samples and their D4 views, the same for every method."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.training.views import VIEWS, view_probabilities
from core.seeding import derive_seed

PAIRED = "paired"
TEACHER = "teacher"  # the stream of a teacher that does not see what the student sees


class Order(Protocol):
    """Which training samples some places in an epoch have, and how each is augmented.

    All that a step is told of its batch, on the device: a CUDA graph keeps one of its own.
    """

    @property
    def positions(self) -> Tensor:
        """Positions within the training split (n,), int64."""

    def part(self, first: int, last: int) -> Self:
        """The places from `first` to before `last`, such as a batch."""

    def clone(self) -> Self:
        """A copy of its own."""

    def copy_(self, other: Self) -> None:
        """Take over the values of as many other places."""


@dataclass(frozen=True)
class EpochOrder:
    """Positions within the training split (n,) and the view of each (n,), int64, on the device."""

    positions: Tensor
    views: Tensor

    def part(self, first: int, last: int) -> "EpochOrder":
        """The samples from `first` to before `last`, such as a batch."""
        return EpochOrder(self.positions[first:last], self.views[first:last])

    def clone(self) -> "EpochOrder":
        """A copy of its own."""
        return EpochOrder(self.positions.clone(), self.views.clone())

    def copy_(self, other: "EpochOrder") -> None:
        """Take over the values of another of the same length."""
        self.positions.copy_(other.positions)
        self.views.copy_(other.views)


def draw_epoch(
    repetition: int, epoch: int, samples: int, stream: str, augment: bool, device: torch.device
) -> EpochOrder:
    """Draw one epoch.

    Drawn on the CPU from (repetition, epoch, stream) alone, so that all methods of a repetition
    see the same batches on every device. Without augmentation the order is the same as with it.

    Args:
        repetition: number of the repetition.
        epoch: from 0.
        samples: size of the training split.
        stream: `PAIRED` where all modalities share one order, else the modality's name.
        augment: draw D4 views; else all views are the identity.
        device: where the order is needed.
    """
    random = np.random.default_rng(derive_seed("order", repetition, epoch, stream))
    positions = random.permutation(samples)
    views = random.choice(VIEWS, size=samples, p=view_probabilities())
    if not augment:
        views = np.zeros_like(views)
    return EpochOrder(
        torch.from_numpy(positions).to(device, non_blocking=True),
        torch.from_numpy(views).to(device, non_blocking=True),
    )


def draw_partners(repetition: int, epoch: int, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each training sample another one of its class, drawn from (repetition, epoch) alone.

    Each is the partner of one. The only sample of a class is its own.

    Args:
        repetition: number of the repetition.
        epoch: from 0.
        classes: class of each training sample, (n,).

    Returns:
        Positions within the training split, (n,).

    >>> draw_partners(0, 0, np.array([7, 3, 7])).tolist()
    [2, 1, 0]
    """
    random = np.random.default_rng(derive_seed("partners", repetition, epoch))
    order = random.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    # A random circle through each class: every sample is followed by the next, the last by the
    # first.
    first = np.flatnonzero(np.diff(classes[order], prepend=-1))
    last = np.append(first[1:], len(order)) - 1
    following = np.roll(order, -1)
    following[last] = order[first]
    partners = np.empty_like(order)
    partners[order] = following
    return partners


def batch_bounds(samples: int, batch_size: int) -> list[tuple[int, int]]:
    """First and last + 1 position of each batch of an epoch.

    The last batch may be smaller. A last batch of one sample is left out, since batch
    normalisation cannot train on it; the order changes each epoch, so every sample is seen.
    """
    bounds = [(start, min(start + batch_size, samples)) for start in range(0, samples, batch_size)]
    return [(first, last) for first, last in bounds if last - first > 1]
