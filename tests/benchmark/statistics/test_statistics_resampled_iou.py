"""Mean IoU in resamples of test images, each counted by itself."""

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from benchmark.statistics import bootstrap_iou_differences
from benchmark.statistics.resampled_iou import mean_iou_of
from benchmark.statistics.resampling import draw_resamples

IMAGES, PIXELS, CLASSES = 12, 50, 3


@pytest.fixture
def maps() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """True maps, and those that two networks predict."""
    random = np.random.default_rng(0)
    true = random.integers(0, CLASSES, (IMAGES, PIXELS))
    predicted = {
        name: np.where(random.random(true.shape) < share, true, random.integers(0, 3, true.shape))
        for name, share in (("weak", 0.3), ("strong", 0.7))
    }
    return true, predicted


def _counts(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    counts = np.zeros((len(true), CLASSES, CLASSES), np.int64)
    for image, (row, column) in enumerate(zip(true, predicted, strict=True)):
        np.add.at(counts[image], (row, column), 1)
    return counts


def _score(true: np.ndarray, predicted: np.ndarray, times: np.ndarray) -> float:
    score: float = jaccard_score(
        true.repeat(times, axis=0).ravel(), predicted.repeat(times, axis=0).ravel(), average="macro"
    )
    return score


def test_mean_iou_equals_that_of_scikit_learn(
    maps: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    true, predicted = maps
    for own in predicted.values():
        total = _counts(true, own).sum(axis=0)
        expected = _score(true, own, np.ones(IMAGES, int))
        assert mean_iou_of(total[None]) == pytest.approx([expected], abs=1e-12)
    assert mean_iou_of(np.zeros((1, 2, 2))).tolist() == [0]


@pytest.mark.parametrize("grouped", [False, True])
def test_differences_are_those_of_images_that_are_repeated(
    maps: tuple[np.ndarray, dict[str, np.ndarray]], grouped: bool
) -> None:
    true, predicted = maps
    counts = {name: _counts(true, own) for name, own in predicted.items()}
    places, population = (np.arange(IMAGES) // 3, 6) if grouped else (np.arange(IMAGES) + 4, 30)
    given = {"groups" if grouped else "samples": (places, population)}
    found = bootstrap_iou_differences(counts, "weak", seed=5, resamples=20, **given)
    assert set(found) == {"strong"}
    (drawn,) = draw_resamples(population, 20, 5)
    for resample, times in enumerate(drawn[:, places]):
        if times.any():
            expected = _score(true, predicted["strong"], times) - _score(
                true, predicted["weak"], times
            )
            assert found["strong"][resample] == pytest.approx(expected, abs=1e-12)


def test_counts_that_do_not_fit_are_refused() -> None:
    counts = {"a": np.ones((4, 2, 2), int), "b": np.ones((4, 3, 3), int)}
    with pytest.raises(ValueError, match="counts of one shape"):
        bootstrap_iou_differences(counts, "a", seed=0)
    with pytest.raises(ValueError, match="place or group of each test image"):
        bootstrap_iou_differences({"a": counts["a"]}, "a", seed=0, samples=(np.arange(3), 9))
