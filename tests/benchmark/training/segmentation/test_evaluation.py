"""Scores of label maps equal scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, jaccard_score

from benchmark.training.segmentation.evaluation import (
    count_pixels,
    mean_iou,
    segmentation_scores,
)
from methods.contract import IGNORED

CLASSES = 5


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    """True and predicted maps; class 3 is nowhere true, but predicted."""
    random = np.random.default_rng(0)
    true = random.choice([0, 1, 2, 4], size=(6, 7, 9), p=[0.5, 0.3, 0.1, 0.1])
    predicted = np.where(random.random(true.shape) < 0.6, true, random.integers(0, 5, true.shape))
    true[random.random(true.shape) < 0.2] = IGNORED
    return torch.from_numpy(true), torch.from_numpy(predicted)


def test_scores_equal_those_of_scikit_learn(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    true, predicted = maps
    found = segmentation_scores(count_pixels(true, predicted, CLASSES).sum(dim=0))
    valid = (true != IGNORED).numpy()
    pixels = true.numpy()[valid], predicted.numpy()[valid]
    present = [0, 1, 2, 4]
    expected = jaccard_score(*pixels, labels=present, average=None)
    assert found.mean_iou == pytest.approx(expected.mean(), abs=1e-12)
    assert found.class_iou[3] is None
    assert [found.class_iou[index] for index in present] == pytest.approx(expected.tolist())
    assert found.pixel_accuracy == pytest.approx(accuracy_score(*pixels), abs=1e-12)
    assert found.headline == found.mean_iou
    assert np.sum(found.confusion) == valid.sum()


def test_each_image_is_counted_by_itself(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    true, predicted = maps
    counts = count_pixels(true, predicted, CLASSES)
    for image, own in enumerate(counts):
        alone = count_pixels(true[image : image + 1], predicted[image : image + 1], CLASSES)
        assert torch.equal(own, alone[0])
        for row in range(CLASSES):
            for column in range(CLASSES):
                pairs = (true[image] == row) & (predicted[image] == column)
                assert own[row, column] == pairs.sum()


def test_no_pixel_with_a_class_scores_zero() -> None:
    ignored = torch.full((1, 2, 2), IGNORED)
    counts = count_pixels(ignored, torch.zeros_like(ignored), CLASSES).sum(dim=0)
    assert mean_iou(counts) == 0
    assert segmentation_scores(counts).pixel_accuracy == 0
