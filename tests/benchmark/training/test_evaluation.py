"""Scores from a confusion matrix equal scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score
from sklearn.metrics import confusion_matrix as sklearn_confusion

from benchmark.training.evaluation import confusion_matrix, scores, weighted_f1


@pytest.mark.parametrize(
    ("classes", "samples", "predicted_classes"),
    [(2, 50, 2), (7, 300, 7), (10, 40, 10), (10, 40, 3), (5, 1, 5), (6, 200, 1)],
)
def test_scores_equal_scikit_learn(classes: int, samples: int, predicted_classes: int) -> None:
    random = np.random.default_rng(classes * samples)
    targets = random.integers(0, classes, samples)
    predictions = random.integers(0, predicted_classes, samples)
    predictions[: samples // 2] = np.minimum(targets, predicted_classes - 1)[: samples // 2]
    counted = confusion_matrix(torch.from_numpy(targets), torch.from_numpy(predictions), classes)
    expected = sklearn_confusion(targets, predictions, labels=range(classes))
    assert counted.tolist() == expected.tolist()
    found = scores(counted)
    assert found.weighted_f1 == pytest.approx(
        f1_score(targets, predictions, average="weighted", zero_division=0), abs=1e-12
    )
    assert found.macro_f1 == pytest.approx(
        f1_score(targets, predictions, average="macro", zero_division=0), abs=1e-12
    )
    assert found.accuracy == pytest.approx(accuracy_score(targets, predictions), abs=1e-12)
    assert weighted_f1(counted).item() == found.weighted_f1
