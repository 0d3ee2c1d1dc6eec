"""What a confusion matrix says class by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassScores:
    """Scores of each class, arrays (C,).

    They equal scikit-learn's precision_recall_fscore_support(zero_division=0).
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """Samples of class `true` that were taken for class `predicted`; both count from 0."""

    true: int
    predicted: int
    count: int


def class_scores(confusion: Sequence[Sequence[int]]) -> ClassScores:
    """Scores per class of a confusion matrix (C, C): rows true, columns predicted."""
    counts = np.asarray(confusion, dtype=np.int64)
    hits, support, predicted = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    return ClassScores(
        precision=hits / np.maximum(predicted, 1),
        recall=hits / np.maximum(support, 1),
        f1=2 * hits / np.maximum(support + predicted, 1),
        support=support,
    )


def class_shares(counted: Sequence[Sequence[Sequence[int]]]) -> NDArray[np.float64]:
    """What each true class (rows) was taken for, in percent of it, over several matrices; (C, C).

    The row of a class that none has is 0.
    """
    counts = np.array(counted, dtype=np.float64).sum(axis=0)
    shares: NDArray[np.float64] = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def confusions(confusion: Sequence[Sequence[int]]) -> list[Confusion]:
    """All confusions that happened, the most frequent first."""
    found = [
        Confusion(true, predicted, count)
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    return sorted(found, key=lambda entry: -entry.count)
