"""Miniature stand-ins have the published shape and the factors that they claim."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from datasets import CARDS
from datasets.stand_ins.miniature import class_factors, make_miniature


@pytest.mark.parametrize("name", ["sunrgbd", "eurosat_ms_sar", "tristar"])
def test_shape_of_the_published_data(name: str) -> None:
    card = CARDS.get(name)
    dataset = make_miniature(card)
    assert dataset.channels == card.modalities
    assert dataset.class_names == card.class_names
    assert dataset.name == f"{name}_miniature"
    assert "no result" in dataset.notes[0]
    assert make_miniature(card).fingerprint == dataset.fingerprint


def _radial_profile(images: np.ndarray) -> np.ndarray:
    """Mean of the first channel per ring of radius: what D4 views cannot change."""
    size = images.shape[2]
    axis = np.arange(size) - (size - 1) / 2
    ring = np.hypot(*np.meshgrid(axis, axis)).astype(int)
    values = images[:, 0].astype(np.float64)
    values = (values - values.mean(axis=(1, 2), keepdims=True)) / values.std()
    return np.stack([values[:, ring == r].mean(axis=1) for r in range(size // 2)], axis=1)


def _accuracy(images: np.ndarray, factor: np.ndarray) -> float:
    model = LogisticRegression(max_iter=2000, C=100)
    return float(cross_val_score(model, _radial_profile(images), factor, cv=5).mean())


def test_shared_factor_is_in_both_modalities_private_one_in_the_first_alone() -> None:
    dataset = make_miniature(CARDS.get("tristar"), samples_per_class=60)
    shared, private = (factor[dataset.labels] for factor in class_factors(6))
    rich, poor = dataset.modalities.values()
    assert _accuracy(rich, shared) > 0.8
    assert _accuracy(poor, shared) > 0.8
    assert _accuracy(rich, private) > 0.9
    assert _accuracy(poor, private) < 0.65  # chance is 0.5
