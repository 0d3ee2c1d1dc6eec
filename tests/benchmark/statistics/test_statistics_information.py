"""Estimates of information on data whose information is known."""

import numpy as np
import pytest

from benchmark.statistics.information import label_information, shared_information

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(("dimensions", "correlation"), [(1, 0.0), (1, 0.9), (2, 0.7), (3, 0.5)])
def test_gaussian_pairs_share_what_their_correlation_says(
    dimensions: int, correlation: float
) -> None:
    one = RANDOM.normal(size=(2000, dimensions))
    noise = RANDOM.normal(size=one.shape)
    other = correlation * one + np.sqrt(1 - correlation**2) * noise
    known = -dimensions / 2 * np.log(1 - correlation**2)
    assert shared_information(one, other) == pytest.approx(known, abs=0.1)
    # Neither scale, offset nor rotation of a representation, nor half precision, changes it.
    turned, _ = np.linalg.qr(RANDOM.normal(size=(dimensions, dimensions)))
    moved = (50 * other @ turned + 3).astype(np.float16)
    assert shared_information(one, moved) == pytest.approx(known, abs=0.1)


@pytest.mark.parametrize("gap", [0.0, 1.0, 3.0, 9.0])
def test_class_means_tell_of_labels_what_their_distance_says(gap: float) -> None:
    means = gap * np.eye(4)
    labels, many = RANDOM.integers(0, 4, 1500), RANDOM.integers(0, 4, 100_000)
    values = RANDOM.normal(size=(1500, 4)) + means[labels]
    points = RANDOM.normal(size=(100_000, 4)) + means[many]
    exponents = -((points[:, None] - means) ** 2).sum(axis=2) / 2
    posterior = exponents - np.logaddexp.reduce(exponents, axis=1, keepdims=True)
    known = np.log(4) + posterior[np.arange(100_000), many].mean()
    assert label_information(values, labels) == pytest.approx(known, abs=0.08)


def test_a_representation_without_information_has_none() -> None:
    constant, labels = np.zeros((50, 3)), RANDOM.integers(0, 3, 50)
    assert label_information(constant, np.arange(50)) == 0  # each class has one sample
    one_class = np.zeros(50, dtype=int)
    assert label_information(RANDOM.normal(size=(50, 3)), one_class) == pytest.approx(0, abs=1e-9)
    assert label_information(constant, labels) == pytest.approx(0, abs=0.1)
    assert shared_information(constant, RANDOM.normal(size=(50, 3))) == pytest.approx(0, abs=0.1)
