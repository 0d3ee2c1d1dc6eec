"""Cross-entropy counts what is not ignored, and nothing where all is."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from methods.contract import IGNORED
from methods.targets import class_masks, cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_of_pixels_is_the_mean_over_those_not_ignored(smoothing: float) -> None:
    random = np.random.default_rng(0)
    logits, target = random.normal(0, 2, (2, 5, 4, 3)), random.integers(0, 5, (2, 4, 3))
    target[0, 1:, 1] = IGNORED
    losses = []
    for sample, row, column in np.argwhere(target != IGNORED):
        values = logits[sample, :, row, column]
        log_p = values - np.log(np.exp(values).sum())
        wanted = log_p[target[sample, row, column]]
        losses.append(-(1 - smoothing) * wanted - smoothing * log_p.mean())
    found = cross_entropy(torch.tensor(logits), torch.tensor(target), smoothing)
    assert found.item() == pytest.approx(np.mean(losses), rel=1e-12)


def test_cross_entropy_of_nothing_is_0_and_trains_nothing() -> None:
    logits = torch.randn(2, 5, 4, 3, requires_grad=True)
    loss = cross_entropy(logits, torch.full((2, 4, 3), IGNORED))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_cross_entropy_of_samples_is_pytorchs_to_the_last_bit() -> None:
    logits, target = torch.randn(37, 5), torch.randint(0, 5, (37,))
    assert torch.equal(cross_entropy(logits, target), F.cross_entropy(logits, target))


def test_an_ignored_position_is_in_no_class() -> None:
    target = torch.tensor([[[0, 2, IGNORED]]])
    masks = class_masks(target, 3)
    assert masks[0, :, 0].T.tolist() == [
        [True, False, False],
        [False, False, True],
        [False, False, False],
    ]
