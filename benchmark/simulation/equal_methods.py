"""Scores of equally good classifiers, trained and tested on overlapping splits of one data set.

Nothing about the correlation of repetitions is assumed: classifiers are trained on real splits of
generated data, and it comes out as it does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed

TRAINING, VALIDATION = 0.7, 0.1  # and 0.2 test, as the suites split
FEATURES = 8
SHARED = 0.5  # share of a sample's noise, in variance, that all methods see: some samples are hard
PENALTY = 1.0  # of ridge regression, so that no system of equations is singular


@dataclass(frozen=True)
class DataSet:
    """What data sets are drawn from: classes as clouds around centres on a sphere.

    Attributes:
        samples: N.
        classes: C, equally likely.
        distance: of a centre from 0, in standard deviations of the noise.
    """

    samples: int
    classes: int
    distance: float


DATA_SETS = (DataSet(1000, 2, 0.8), DataSet(1000, 5, 2.0), DataSet(1000, 10, 3.0))


def draw_scores(
    random: np.random.Generator, data: DataSet, methods: int, repetitions: int
) -> NDArray[np.float64]:
    """Accuracy in [0, 1] of each method in each repetition on one new data set.

    Each method sees the samples through noise of its own besides some that all share, and is a
    linear classifier fitted by ridge regression. Methods are exchangeable: in expectation over data
    sets none is better. A repetition draws one split of 70 / 10 / 20 % for all methods.

    Returns:
        (methods, repetitions).
    """
    size, kinds = data.samples, data.classes
    centres = random.normal(size=(kinds, FEATURES))
    centres *= data.distance / np.linalg.norm(centres, axis=1, keepdims=True)
    labels = random.integers(0, kinds, size)
    shared = random.normal(size=(size, FEATURES))
    own = random.normal(size=(methods, size, FEATURES))
    seen = centres[labels] + np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own
    inputs = np.concatenate((seen, np.ones((methods, size, 1))), axis=2)

    order = random.permuted(np.tile(np.arange(size), (repetitions, 1)), axis=1)
    trained, tested = round(TRAINING * size), round((TRAINING + VALIDATION) * size)
    training = np.zeros((repetitions, size))
    np.put_along_axis(training, order[:, :trained], 1, axis=1)
    test = order[:, tested:]

    # Sums over the training samples of all repetitions at once: (R, N) times (N, moments).
    width = FEATURES + 1
    moments = (inputs[:, :, :, None] * inputs[:, :, None, :]).reshape(methods, size, -1)
    products = (training @ moments).reshape(methods, repetitions, width, width)
    wanted = (inputs[:, :, :, None] * np.eye(kinds)[labels][:, None, :]).reshape(methods, size, -1)
    targets = (training @ wanted).reshape(methods, repetitions, width, kinds)
    weights = np.linalg.solve(products + PENALTY * np.eye(width), targets)

    right = (inputs[:, None] @ weights).argmax(axis=3) == labels
    scores: NDArray[np.float64] = np.take_along_axis(right, test[None], axis=2).mean(axis=2)
    return scores


def draw_tables(seed: int, tables: int, methods: int, repetitions: int) -> NDArray[np.float64]:
    """Scores of tables, each over new data sets; table i is the same however many there are.

    Returns:
        (tables, data sets, methods, repetitions).
    """
    scores = np.empty((tables, len(DATA_SETS), methods, repetitions))
    for table in range(tables):
        for place, data in enumerate(DATA_SETS):
            random = np.random.default_rng(derive_seed("simulated data set", seed, table, place))
            scores[table, place] = draw_scores(random, data, methods, repetitions)
    return scores


def add_seed_noise(seed: int, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add independent noise that makes half of the variance of a difference between repetitions.

    Args:
        seed: names the noise.
        scores: (tables, data sets, methods, repetitions); the first method is the baseline.
    """
    differences = scores[:, :, 1:] - scores[:, :, :1]
    variance = differences.var(axis=3, ddof=1).mean(axis=(0, 2))  # per data set
    random = np.random.default_rng(derive_seed("simulated seed noise", seed))
    deviation = np.sqrt(variance / 2)  # a difference has the noise of two scores
    noisy: NDArray[np.float64] = (
        scores + random.normal(size=scores.shape) * deviation[:, None, None]
    )
    return noisy
