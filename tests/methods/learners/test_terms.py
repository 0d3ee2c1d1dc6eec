"""What a learner may note beside its loss."""

import pytest
import torch

from methods import Batch, Problem
from methods.registry import make_method


def test_the_loss_of_a_reference_is_its_one_term(problem: Problem, batch: Batch) -> None:
    learner = make_method("reference", {}).learner(problem, None)
    loss = learner.loss(batch, 0)
    assert list(learner.terms) == ["task"]
    assert learner.terms["task"].item() == loss.item()
    assert not learner.terms["task"].requires_grad


def test_only_scalars_are_noted(problem: Problem) -> None:
    learner = make_method("reference", {}).learner(problem, None)
    with pytest.raises(
        ValueError, match=r"the term 'margin' has the shape \(3,\), expected a scal"
    ):
        learner.note(margin=torch.zeros(3))
