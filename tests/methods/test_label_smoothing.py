"""The control without a teacher: each target gives a share of itself to all classes."""

import numpy as np
import pytest
import torch

from core.errors import UserError
from methods import Batch, Kind, Problem
from methods.registry import make_method


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_loss_is_the_cross_entropy_with_softened_targets(
    problem: Problem, batch: Batch, smoothing: float
) -> None:
    method = make_method("label_smoothing", {"smoothing": smoothing})
    assert method.kind is Kind.REFERENCE
    learner = method.learner(problem, None).eval()
    logits = learner.deployments()["SAR"](batch.inputs).detach().double().numpy()
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    softened = (1 - smoothing) * np.eye(5)[batch.target.numpy()] + smoothing / 5
    expected = -(softened * np.log(probabilities)).sum(axis=1).mean()
    assert learner.loss(batch, 0).item() == pytest.approx(expected, rel=1e-5)


def test_without_smoothing_it_is_the_student(problem: Problem, batch: Batch) -> None:
    losses = [
        make_method(name, settings).learner(problem, None).eval().loss(batch, 0)
        for name, settings in (("label_smoothing", {"smoothing": 0}), ("reference", {}))
    ]
    assert torch.equal(*losses)


@pytest.mark.parametrize("smoothing", [-0.1, 1.5])
def test_a_share_is_between_0_and_1(smoothing: float) -> None:
    with pytest.raises(UserError, match=r"hyper-parameter 'smoothing' is .*Input should be"):
        make_method("label_smoothing", {"smoothing": smoothing})
