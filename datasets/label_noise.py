"""Labels that are wrong on purpose, for experiments in which a teacher knows better."""

import numpy as np

from core.seeding import derive_seed
from datasets.splits import Indices


def redraw_labels(
    labels: Indices, among: Indices, share: float, num_classes: int, repetition: int
) -> Indices:
    """Copy labels, those of a random part of the given samples redrawn uniformly.

    A redrawn label may be the right one by chance: of `num_classes` equally frequent classes,
    `share * (1 - 1 / num_classes)` of the labels are wrong afterwards.

    Args:
        labels: class indices (N,), int64.
        among: indices of the samples whose labels may be redrawn, (n,).
        share: part of those that is redrawn, in [0, 1]; rounded to whole samples.
        num_classes: labels are drawn from [0, num_classes).
        repetition: number of the repetition; the same arguments give the same labels.
    """
    random = np.random.default_rng(derive_seed("label_noise", repetition))
    chosen = random.choice(among, size=round(share * len(among)), replace=False)
    noisy = labels.copy()
    noisy[chosen] = random.integers(num_classes, size=len(chosen))
    return noisy
