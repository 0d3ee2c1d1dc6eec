"""Bootstrap over test samples: how much of a difference hangs on which samples were tested.

This is the second source of variance, beside the repetitions. The trained networks are held fixed,
and test samples are treated as independent draws. Samples that belong together, as patches of one
scene do, are not: there whole groups are drawn, and groups are treated as independent (the cluster
bootstrap; Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed

Row = TypeVar("Row", bound=Hashable)
FEWEST_GROUPS = 10  # the spread of fewer is too rough an estimate for a 95 % interval
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


def few_groups(test_sets: Sequence[NDArray[Any]]) -> str | None:
    """Why groups of these test sets cannot be resampled, for a report; None where they can.

    Args:
        test_sets: the group of each test sample, (S,), one array per repetition.
    """
    fewest = min((len(np.unique(groups)) for groups in test_sets), default=FEWEST_GROUPS)
    if fewest >= FEWEST_GROUPS:
        return None
    found = "1 group" if fewest == 1 else f"{fewest} groups"
    return (
        f"a test set has {found} of samples that belong together, and fewer than {FEWEST_GROUPS} "
        "are too few to resample"
    )


def _weighted_f1(
    targets: NDArray[np.integer[Any]],
    predicted: NDArray[np.integer[Any]],
    num_classes: int,
    counts: NDArray[np.floating[Any]],
    starts: NDArray[np.integer[Any]] | None = None,
) -> NDArray[np.float64]:
    """As `weighted_f1` for several networks (K, S) on the same resamples: (K, R).

    With `starts`, samples stand in order of their group, those are the first of each group, (G,),
    and the counts are of groups, (R, G).
    """
    classes, kind = np.arange(num_classes), counts.dtype
    is_true, is_guessed = targets[:, None] == classes, predicted[..., None] == classes
    true, guessed = is_true.astype(kind), is_guessed.astype(kind)
    hit = (is_true & is_guessed).astype(kind)
    if starts is not None:
        true, guessed, hit = (
            np.add.reduceat(table, starts, axis=-2) for table in (true, guessed, hit)
        )
    support = (counts @ true).astype(np.float64)
    guesses, hits = counts @ guessed, counts @ hit
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
    groups: tuple[NDArray[np.integer[Any]], int] | None = None,
) -> dict[Row, NDArray[np.float64]]:
    """Weighted F1 of each method minus that of the baseline, in resamples of one test set.

    All methods are scored on the same resamples, so the differences are paired.

    Repetitions split one data set anew, so their test sets overlap. With `samples`, the resample is
    of the whole data set and each test set takes its part: repetitions with the same seed then
    share resample b, and a sample of two test sets is in both as often. Drawn apart, the interval
    of their mean would be too narrow. Without `samples` the test set itself is resampled.

    With `groups`, the resample is of the groups of the data set, and a sample is in it as often as
    its group. Resamples then differ in size. `few_groups` says where this is not to be done.

    Args:
        targets: true classes in [0, num_classes), (S,).
        predictions: row -> predicted classes in the order of `targets`, (S,).
        baseline: the row to compare with.
        num_classes: number of classes.
        seed: names the resamples; the same for all repetitions with `samples` or `groups`, else one
            for each.
        resamples: number of resamples R, at least 1.
        samples: the place of each test sample in its data set, (S,), without a repeated one, and
            the size of that data set.
        groups: in place of `samples`, the group of each test sample, (S,), counted from 0 over the
            whole data set, and the number of its groups.

    Returns:
        Differences in [-1, 1] of each row but the baseline, (R,).

    Raises:
        ValueError: shapes or classes do not fit, the baseline is missing, or both `samples` and
            `groups` are given.
    """
    if samples and groups:
        raise ValueError("expected samples or groups, not both")
    places, population = groups or samples or (np.arange(len(targets)), len(targets))
    _check(targets, predictions, num_classes, places, population, repeated=groups is not None)
    if baseline not in predictions or resamples < 1:
        raise ValueError("expected predictions of the baseline and at least one resample")
    rows = list(predictions)
    differences = {row: np.empty(resamples) for row in rows if row != baseline}
    largest, starts = 1, None
    if groups:
        order = np.argsort(places, kind="stable")
        targets = targets[order]
        predictions = {row: classes[order] for row, classes in predictions.items()}
        places, starts, sizes = np.unique(places[order], return_index=True, return_counts=True)
        largest = int(sizes.max())
    # Whole numbers, and sums of them, are exact in single precision too, which is twice as fast.
    kind: type[np.floating[Any]] = np.float32 if population * largest < EXACT else np.float64
    start = 0
    for drawn in draw_resamples(population, resamples, seed):
        counts = drawn[:, places].astype(kind)
        scores: dict[Row, NDArray[np.float64]] = {}
        together = max(1, CACHED // (len(counts) * num_classes))
        for first in range(0, len(rows), together):
            some = rows[first : first + together]
            predicted = np.stack([predictions[row] for row in some])
            found = _weighted_f1(targets, predicted, num_classes, counts, starts)
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


def draw_resamples(population: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How often each sample was drawn, some resamples at a time: (resamples of it, population)."""
    random = np.random.default_rng(derive_seed("test bootstrap", seed))
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
    *,
    repeated: bool,
) -> None:
    if targets.ndim != 1 or not len(targets):
        raise ValueError(f"targets have shape {targets.shape}, expected (S,) with S >= 1")
    if places.shape != targets.shape:
        raise ValueError("expected one place or group per target")
    if not repeated and len(np.unique(places)) != len(places):
        raise ValueError("expected one place per target, none repeated")
    if places.min() < 0 or places.max() >= population:
        raise ValueError(f"a test sample is not among the {population} of the data set")
    for classes in (targets, *predictions.values()):
        if classes.shape != targets.shape:
            raise ValueError(f"{classes.shape} predictions for {targets.shape} targets")
        if classes.min() < 0 or classes.max() >= num_classes:
            raise ValueError(f"a class is not in [0, {num_classes})")
