"""How much two representations, or a representation and the labels, tell of each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lazy import lazy

neighbors = lazy("sklearn.neighbors")
special = lazy("scipy.special")

NEIGHBOURS = 3
# Distances between neighbours say less the more dimensions there are.
MOST_DIMENSIONS = 8

Values = NDArray[np.floating]


def shared_information(one: Values, other: Values, neighbours: int = NEIGHBOURS) -> float:
    """Mutual information of two representations of the same samples, in nats.

    Source: Kraskov et al. (Phys. Rev. E 69, 2004), first estimator, equation 8: from the distance
    to the k-th neighbour in both together, and how many are nearer in each alone. Both are reduced
    to their leading principal components, which can only lose information, and scaled. It falls
    short where much is shared: of S samples it cannot tell more than about log S.

    Args:
        one: (S, D), S > neighbours.
        other: (S, E).
        neighbours: k.

    Returns:
        At least 0; what chance makes negative is 0.
    """
    spaces = [_reduced(one), _reduced(other)]
    # Nearness is that of the farther of the two, and inside each the largest of the differences.
    joined = np.hstack(spaces)
    distances, _ = neighbors.KDTree(joined, metric="chebyshev").query(joined, neighbours + 1)
    radius = np.nextafter(distances[:, -1], 0)  # strictly nearer
    counts = [
        neighbors.KDTree(space, metric="chebyshev").query_radius(space, radius, count_only=True)
        for space in spaces
    ]
    # A point counts itself too: n + 1.
    terms = [special.digamma(np.maximum(count, 1)).mean() for count in counts]
    return max(0.0, float(special.digamma(neighbours) + special.digamma(len(one)) - sum(terms)))


def label_information(
    values: Values, labels: NDArray[np.integer], neighbours: int = NEIGHBOURS
) -> float:
    """Mutual information of a representation and class labels, in nats; at most log of classes.

    Source: Ross (PLoS ONE 9, 2014): from the distance to the k-th neighbour of the same class, and
    how many of all classes are nearer. Samples of a class that has no others are left out. The
    representation is reduced as for `shared_information`.

    Args:
        values: (S, D).
        labels: (S,), class indices.
        neighbours: k; less in classes with fewer samples.

    Returns:
        At least 0; what chance makes negative is 0.
    """
    space = _reduced(values)
    tree = neighbors.KDTree(space, metric="chebyshev")
    terms: list[NDArray[Any]] = []
    for label in np.unique(labels):
        own = space[labels == label]
        if len(own) < 2:
            continue
        k = min(neighbours, len(own) - 1)
        distances, _ = neighbors.KDTree(own, metric="chebyshev").query(own, k + 1)
        radius = np.nextafter(distances[:, -1], np.inf)  # Ross counts the k-th one too
        nearer = tree.query_radius(own, radius, count_only=True) - 1
        terms.append(
            special.digamma(k) - special.digamma(len(own)) - special.digamma(np.maximum(nearer, 1))
        )
    if not terms:
        return 0.0
    found = np.concatenate(terms)
    return max(0.0, float(special.digamma(len(found)) + found.mean()))


def _reduced(values: Values) -> NDArray[np.float64]:
    """The leading principal components, together of variance 1."""
    centred = np.asarray(values, dtype=np.float64) - np.mean(values, axis=0, dtype=np.float64)
    _, scales, directions = np.linalg.svd(centred, full_matrices=False)
    kept = int(min(MOST_DIMENSIONS, max(1, (scales > 1e-6 * max(scales[0], 1e-300)).sum())))
    reduced = centred @ directions[:kept].T
    spread = reduced.std()
    scaled: NDArray[np.float64] = reduced / spread if spread else reduced
    return scaled
