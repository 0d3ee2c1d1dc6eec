"""Test samples that look almost the same as a training sample, such as frames of one video shot.

Samples are compared by their thumbnails, each freed of its own brightness and contrast, so that
two distances mean the same on every data set: 0 is the same picture, about 1.4 an unrelated one.
How near is too near depends on the data, since pictures of one kind are alike without being copies:

- With groups, a near-duplicate is less than half as far as the nearest sample of another group is
  for the typical test sample. The split leaks where they are common and far more common than
  between groups.
- Without groups, nothing says which samples are unrelated. A near-duplicate is then less than a
  fifth as far as a random training sample usually is, or nearer than the spread of those distances
  can explain, and half of the test samples must have one before the split is blamed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_chunked

from core.seeding import derive_seed
from datasets.base import Array
from datasets.splits import Split

QUERIES = 2000  # test samples looked at; their shares are known to about one per cent
WORKING_MEMORY = 128  # MiB
GROUP_FRACTION, GROUP_SHARE, GROUP_RATIO = 0.5, 0.05, 3.0
RANDOM_FRACTION, RANDOM_DEVIATIONS, RANDOM_SHARE = 0.2, 8.0, 0.5
QUARTILE_DEVIATIONS = 1.349  # between the quartiles of a normal distribution
FLAT = 0.01  # contrast, relative to the median, below which a thumbnail shows noise alone


@dataclass(frozen=True)
class NearDuplicates:
    """How many test samples have a near-duplicate in training.

    Attributes:
        share: of the test samples, in [0, 1].
        share_across_groups: the same when training samples of the own group do not count, or
            None without groups.
        tolerance: distance below which two samples are near-duplicates.
    """

    share: float
    share_across_groups: float | None
    tolerance: float

    @property
    def leaks(self) -> bool:
        """Whether so many near-duplicates cannot be chance."""
        if self.share_across_groups is None:
            return self.share >= RANDOM_SHARE
        return self.share >= GROUP_SHARE and self.share >= GROUP_RATIO * self.share_across_groups


def standardise_thumbnails(thumbnails: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each thumbnail mean 0 and norm 1, and join those of one sample.

    The squared distance of two results is 2 (1 - r), r being the correlation of the thumbnails
    averaged over the modalities.

    Args:
        thumbnails: (N, M, P), P pixels of each of M modalities.

    Returns:
        (N, M * P), of norm 1, or less where a thumbnail is flat.
    """
    samples, modalities, _ = thumbnails.shape
    centred = thumbnails - thumbnails.mean(axis=2, keepdims=True)
    norms = np.linalg.norm(centred, axis=2, keepdims=True)
    floor = np.maximum(FLAT * np.median(norms, axis=0), np.finfo(np.float32).tiny)
    joined: NDArray[np.float32] = (centred / np.maximum(norms, floor)).reshape(samples, -1)
    return joined / np.float32(np.sqrt(modalities))


def find_near_duplicates(
    features: NDArray[np.float32], split: Split, groups: Array | None
) -> NearDuplicates:
    """Compare test samples with all training samples.

    Args:
        features: standardised thumbnails (N, D).
        split: one split of the samples.
        groups: group of each sample (N,), or None.
    """
    # The label is part of the seed: another one would give other shares.
    random = np.random.default_rng(derive_seed("near twins"))
    test = split.test
    if len(test) > QUERIES:
        test = np.sort(random.choice(test, QUERIES, replace=False))
    queries, pool = features[test], features[split.train]
    if groups is not None:
        _, codes = np.unique(groups, return_inverse=True)
        nearest, elsewhere = _nearest(queries, pool, codes[test], codes[split.train])
        known = elsewhere[np.isfinite(elsewhere)]
        if len(known):
            tolerance = GROUP_FRACTION * float(np.median(known))
            return NearDuplicates(
                float((nearest < tolerance).mean()),
                float((known < tolerance).mean()),
                tolerance,
            )
    partners = pool[random.integers(len(pool), size=len(queries))]
    # Quartiles, since a few of the random partners are related.
    first, middle, third = np.quantile(
        np.linalg.norm(queries - partners, axis=1), (0.25, 0.5, 0.75)
    )
    spread = (third - first) / QUARTILE_DEVIATIONS
    tolerance = float(max(RANDOM_FRACTION * middle, middle - RANDOM_DEVIATIONS * spread))
    nearest, _ = _nearest(queries, pool, None, None)
    return NearDuplicates(float((nearest < tolerance).mean()), None, tolerance)


def _nearest(
    queries: NDArray[np.float32],
    pool: NDArray[np.float32],
    query_groups: NDArray[np.int64] | None,
    pool_groups: NDArray[np.int64] | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Distance of each query (Q,) to the pool, and to those of the pool in another group.

    The second is infinite where there is none.
    """

    def reduce(distances: NDArray[np.float32], start: int) -> NDArray[np.float32]:
        nearest = distances.min(axis=1)
        if query_groups is not None and pool_groups is not None:
            own = query_groups[start : start + len(distances), None] == pool_groups
            distances[own] = np.inf
        return np.stack([nearest, distances.min(axis=1)], axis=1)

    blocks: Iterator[NDArray[np.float32]] = pairwise_distances_chunked(
        queries, pool, reduce_func=reduce, working_memory=WORKING_MEMORY
    )
    nearest, elsewhere = np.concatenate(list(blocks)).T
    return nearest, elsewhere
