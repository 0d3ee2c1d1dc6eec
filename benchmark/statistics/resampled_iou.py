"""Bootstrap over test images for mean IoU, from the confusion matrix of each image.

The pixels of an image belong together, so images are drawn, or groups of them; see `resampling`.
"""

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.resampling import draw_resamples

Row = TypeVar("Row", bound=Hashable)


def mean_iou_of(confusions: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Mean intersection over union of many confusion matrices (R, C, C): (R,).

    The mean is over the classes that are true somewhere; 0 where none is.
    """
    hits = np.diagonal(confusions, axis1=1, axis2=2).astype(np.float64)
    true, predicted = confusions.sum(axis=2), confusions.sum(axis=1)
    iou = hits / np.maximum(true + predicted - hits, 1)
    present = true > 0
    result: NDArray[np.float64] = (iou * present).sum(1) / np.maximum(present.sum(1), 1)
    return result


def bootstrap_iou_differences(
    confusions: Mapping[Row, NDArray[np.integer[Any]]],
    baseline: Row,
    *,
    seed: int,
    resamples: int = 1000,
    samples: tuple[NDArray[np.integer[Any]], int] | None = None,
    groups: tuple[NDArray[np.integer[Any]], int] | None = None,
) -> dict[Row, NDArray[np.float64]]:
    """Mean IoU of each method minus that of the baseline, in resamples of one test set.

    All methods are scored on the same resamples, so the differences are paired; what is resampled
    is as in `bootstrap_differences`.

    Args:
        confusions: row -> confusion matrix of each test image (S, C, C), rows true classes.
        baseline: the row to compare with.
        seed: names the resamples.
        resamples: number of resamples R, at least 1.
        samples: the place of each test image in its data set, (S,), and the size of that data set.
        groups: in place of `samples`, the group of each test image, (S,), counted from 0 over the
            whole data set, and the number of its groups.

    Returns:
        Differences in [-1, 1] of each row but the baseline, (R,).

    Raises:
        ValueError: shapes do not fit, or the baseline is missing.
    """
    shapes = {own.shape for own in confusions.values()}
    if baseline not in confusions or len(shapes) != 1 or resamples < 1:
        raise ValueError("expected counts of one shape, the baseline's among them, and a resample")
    ((images, *classes),) = shapes
    places, population = groups or samples or (np.arange(images), images)
    if places.shape != (images,) or places.min() < 0 or places.max() >= population:
        raise ValueError("expected the place or group of each test image")
    units, unit_of = np.unique(places, return_inverse=True)
    # Summed over groups first; without groups each image is one of its own.
    summed = {row: np.zeros((len(units), *classes)) for row in confusions}
    for row, own in confusions.items():
        np.add.at(summed[row], unit_of, own)
    scores: dict[Row, list[NDArray[np.float64]]] = {row: [] for row in confusions}
    for drawn in draw_resamples(population, resamples, seed):
        counts = drawn[:, units].astype(np.float64)
        for row, own in summed.items():
            total = (counts @ own.reshape(len(units), -1)).reshape(-1, *classes)
            scores[row].append(mean_iou_of(total))
    means = {row: np.concatenate(found) for row, found in scores.items()}
    return {row: found - means[baseline] for row, found in means.items() if row != baseline}
