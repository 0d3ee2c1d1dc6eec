"""The Gaussian data has the shares that it claims, and wrong ones are refused."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.errors import UserError
from datasets import DatasetSource, open_dataset
from datasets.generated.gaussian import DECISIVE, make_gaussian


def _accuracy(features: np.ndarray, labels: np.ndarray) -> float:
    half = len(labels) // 2
    model = LogisticRegression(max_iter=1000).fit(features[:half, :, 0, 0], labels[:half])
    return float(model.score(features[half:, :, 0, 0], labels[half:]))


def test_shared_features_are_the_same_and_own_ones_are_not_shared() -> None:
    dataset = make_gaussian({"alpha": "0.25", "gamma": "0.5"})
    a, b = dataset.modalities["A"], dataset.modalities["B"]
    assert np.array_equal(a[:, :8], b[:, :8])
    assert a.shape[1] == 12
    assert b.shape[1] == 8 + 4 + 120
    correlation = np.corrcoef(a[:, 8:, 0, 0].T, b[:, 8:, 0, 0].T)[:4, 4:]
    assert np.abs(correlation).max() < 0.15


def test_a_modality_tells_the_class_by_what_it_sees() -> None:
    all_of_it, half = make_gaussian(), make_gaussian({"gamma": "0.5"})
    assert all_of_it.channels == {"A": DECISIVE, "B": DECISIVE + 120}
    assert _accuracy(all_of_it.modalities["A"], all_of_it.labels) > 0.9
    assert 0.4 < _accuracy(half.modalities["A"], half.labels) < 0.8
    assert _accuracy(all_of_it.modalities["B"], all_of_it.labels) < 0.8


def test_opened_by_name_with_options() -> None:
    source = DatasetSource("generated", "gaussian", Path(), choices=(("gamma", "0.5"),))
    dataset = open_dataset(source)
    assert dataset.fingerprint == make_gaussian({"gamma": "0.5"}).fingerprint
    assert dataset.fingerprint != make_gaussian().fingerprint


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"gama": "1"}, "no option 'gama': .*gamma"),
        ({"gamma": "much"}, "gamma is 'much', expected a number from 0 to 1"),
        ({"gamma": "0.6", "alpha": "0.6"}, "more than 1 together"),
        ({"gamma": "0"}, "leave modality A without features"),
    ],
)
def test_wrong_shares(choices: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_gaussian(choices)
