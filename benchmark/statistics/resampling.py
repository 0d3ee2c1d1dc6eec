"""Bootstrap over test samples: how much of a difference hangs on which samples were tested.

This is the second source of variance, beside the repetitions. The trained networks are held fixed,
and test samples are treated as independent draws; samples that belong together, as patches of one
scene do, make these intervals too narrow.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed

Row = TypeVar("Row", bound=Hashable)
CHUNK = 2**22  # drawn samples at a time: some 100 MiB while they are counted
EXACT = 2**24  # whole numbers up to here are all among those of single precision
CACHED = 2**17  # numbers that stay near the processor while networks are scored together


def weighted_f1(
    targets: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    num_classes: int,
    counts: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weighted F1 in [0, 1] of one network in each of many resamples, (R,).

    Equal to scikit-learn's `f1_score(average="weighted", zero_division=0)` on the resample. An
    empty resample scores 0.

    Args:
        targets: true classes in [0, num_classes), (S,).
        predicted: predicted classes, (S,).
        num_classes: number of classes.
        counts: how often each resample has each sample, whole numbers, (R, S).
    """
    scores: NDArray[np.float64] = _weighted_f1(targets, predicted[None], num_classes, counts)[0]
    return scores


def _weighted_f1(
    targets: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    num_classes: int,
    counts: NDArray[np.floating[Any]],
) -> NDArray[np.float64]:
    """As `weighted_f1` for several networks (K, S) on the same resamples: (K, R)."""
    classes, kind = np.arange(num_classes), counts.dtype
    true, guessed = targets[:, None] == classes, predicted[..., None] == classes
    support = (counts @ true.astype(kind)).astype(np.float64)
    guesses, hits = counts @ guessed.astype(kind), counts @ (true & guessed).astype(kind)
    # Into one array: most of the time goes into memory that is new.
    scores = np.add(support, guesses, dtype=np.float64)
    np.maximum(scores, 1, out=scores)  # no hits where the divisor was 0
    np.divide(2 * hits, scores, out=scores)
    scores *= support
    result: NDArray[np.float64] = scores.sum(-1) / np.maximum(support.sum(-1), 1)
    return result


def bootstrap_differences(
    targets: NDArray[np.integer[Any]],
    predictions: Mapping[Row, NDArray[np.integer[Any]]],
    baseline: Row,
    num_classes: int,
    *,
    seed: int,
    resamples: int = 1000,
    samples: tuple[NDArray[np.integer[Any]], int] | None = None,
) -> dict[Row, NDArray[np.float64]]:
    """Weighted F1 of each method minus that of the baseline, in resamples of one test set.

    All methods are scored on the same resamples, so the differences are paired.

    Repetitions split one data set anew, so their test sets overlap. With `samples`, the resample is
    of the whole data set and each test set takes its part: repetitions with the same seed then
    share resample b, and a sample of two test sets is in both as often. Drawn apart, the interval
    of their mean would be too narrow. Without `samples` the test set itself is resampled.

    Args:
        targets: true classes in [0, num_classes), (S,).
        predictions: row -> predicted classes in the order of `targets`, (S,).
        baseline: the row to compare with.
        num_classes: number of classes.
        seed: names the resamples; the same for all repetitions with `samples`, else one for each.
        resamples: number of resamples R, at least 1.
        samples: the place of each test sample in its data set, (S,), without a repeated one, and
            the size of that data set.

    Returns:
        Differences in [-1, 1] of each row but the baseline, (R,).

    Raises:
        ValueError: shapes or classes do not fit, or the baseline is missing.
    """
    places, population = samples or (np.arange(len(targets)), len(targets))
    _check(targets, predictions, num_classes, places, population)
    if baseline not in predictions or resamples < 1:
        raise ValueError("expected predictions of the baseline and at least one resample")
    rows = list(predictions)
    differences = {row: np.empty(resamples) for row in rows if row != baseline}
    # Whole numbers, and sums of them, are exact in single precision too, which is twice as fast.
    kind: type[np.floating[Any]] = np.float32 if population < EXACT else np.float64
    start = 0
    for drawn in _resample(population, resamples, derive_seed("test bootstrap", seed)):
        counts = drawn[:, places].astype(kind)
        scores: dict[Row, NDArray[np.float64]] = {}
        together = max(1, CACHED // (len(counts) * num_classes))
        for first in range(0, len(rows), together):
            some = rows[first : first + together]
            predicted = np.stack([predictions[row] for row in some])
            found = _weighted_f1(targets, predicted, num_classes, counts)
            scores |= dict(zip(some, found, strict=True))
        for row, difference in differences.items():
            difference[start : start + len(counts)] = scores[row] - scores[baseline]
        start += len(counts)
    return differences


def percentile_interval(
    repetitions: Sequence[NDArray[np.float64]], confidence: float = 0.95
) -> tuple[float, float] | None:
    """Percentile interval of the mean difference over repetitions, the repetitions held fixed.

    Args:
        repetitions: differences in resamples 0, 1, ... of each repetition, each (R,). Resample b of
            the mean is the mean over repetitions of their resample b.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        None without repetitions.

    Raises:
        ValueError: repetitions have unequal numbers of resamples, or `confidence` is out of range.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, expected a number between 0 and 1")
    if not repetitions:
        return None
    means = np.stack(repetitions).mean(axis=0)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _resample(population: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How often each sample was drawn, some resamples at a time: (resamples of it, population)."""
    random = np.random.default_rng(seed)
    chunk = max(1, CHUNK // population)
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        drawn = random.integers(0, population, (size, population))
        drawn += np.arange(size)[:, None] * population
        yield np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)


def _check(
    targets: NDArray[np.integer[Any]],
    predictions: Mapping[Row, NDArray[np.integer[Any]]],
    num_classes: int,
    places: NDArray[np.integer[Any]],
    population: int,
) -> None:
    if targets.ndim != 1 or not len(targets):
        raise ValueError(f"targets have shape {targets.shape}, expected (S,) with S >= 1")
    if places.shape != targets.shape or len(np.unique(places)) != len(places):
        raise ValueError("expected one place per target, none repeated")
    if places.min() < 0 or places.max() >= population:
        raise ValueError(f"a test sample is not among the {population} of the data set")
    for classes in (targets, *predictions.values()):
        if classes.shape != targets.shape:
            raise ValueError(f"{classes.shape} predictions for {targets.shape} targets")
        if classes.min() < 0 or classes.max() >= num_classes:
            raise ValueError(f"a class is not in [0, {num_classes})")
