"""The eight views of a square image: the dihedral group D4 as index tables."""

from functools import cache
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

VIEWS = 8
IDENTITY = 0


@cache
def view_tables(size: int) -> Tensor:
    """For each view, which pixel of the image goes to each place; (8, size * size), int64.

    View r + 4 f is the image flipped left to right (if f = 1), then turned by r times 90 degrees
    counter-clockwise, as `numpy.rot90` does. View 0 is the image itself.
    """
    pixels = np.arange(size * size).reshape(size, size)
    views = [np.rot90(_flip(pixels, f), r).reshape(-1) for f, r in product(range(2), range(4))]
    return torch.from_numpy(np.stack(views))


def _flip(pixels: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    return np.fliplr(pixels) if times else pixels


@cache
def view_probabilities() -> tuple[float, ...]:
    """How often each view is drawn.

    The draw is that of the code released with DisCoM-KD, since the paper gives none: with
    probability 1/2 the image itself; else a horizontal flip with 1/2, a vertical flip with 1/2,
    and with 1/2 a rotation by one of 0, 90, 180, 270 degrees.
    """
    pixels = np.arange(4).reshape(2, 2)  # on 2 x 2 pixels all eight views differ
    number = {tuple(row): view for view, row in enumerate(view_tables(2).tolist())}
    probabilities = np.zeros(VIEWS)
    probabilities[IDENTITY] = 0.5
    for horizontal, vertical, turns in product((False, True), (False, True), range(4)):
        view = np.fliplr(pixels) if horizontal else pixels
        view = np.flipud(view) if vertical else view
        rotation = 0.5 * 0.25 + (0.5 if turns == 0 else 0.0)
        reached = number[tuple(np.rot90(view, turns).reshape(-1).tolist())]
        probabilities[reached] += 0.5 * 0.25 * rotation
    return tuple(probabilities.tolist())
