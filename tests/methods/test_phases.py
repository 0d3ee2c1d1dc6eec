"""Epochs that a method counts to one phase have the same loss, and the same gradients.

On a GPU the loss of a phase is recorded once and replayed in all its epochs: a phase that is too
long trains with the weights of its first epoch and says nothing.
"""

import copy
from typing import Any

import pytest
import torch

from methods import METHODS, Batch, Kind, Learner, Problem
from methods.contract import CLASSIFICATION
from methods.registry import make_method

EPOCHS = (0, 1, 5, 9, 10, 11, 15, 19, 20, 21, 35, 200)
FEW_EPOCHS = (0, 1, 200)  # for networks that take their time


def _loss_and_gradients(learner: Learner, batch: Batch, epoch: int) -> list[torch.Tensor]:
    learner.zero_grad()
    loss = learner.loss(batch, epoch)
    loss.backward()
    gradients = (value.grad for value in learner.parameters())
    return [loss.detach(), *(value.clone() for value in gradients if value is not None)]


@pytest.mark.parametrize(
    ("name", "hyperparameters"),
    [
        *((name, {}) for name in METHODS),
        ("dkd", {"warmup_epochs": 40}),
        ("ctkd", {"decay_epochs": 40}),
    ],
)
def test_epochs_of_one_phase_have_the_same_loss(
    request: pytest.FixtureRequest, name: str, hyperparameters: dict[str, Any]
) -> None:
    method = make_method(name, hyperparameters)
    joint = method.kind is Kind.JOINT
    if CLASSIFICATION in method.tasks:
        problem: Problem = request.getfixturevalue("two_modalities" if joint else "problem")
        batch: Batch = request.getfixturevalue("unpaired" if joint else "batch")
    else:
        problem = request.getfixturevalue("segmentation_pair" if joint else "segmentation")
        batch = request.getfixturevalue("pixels")
    learner = method.learner(problem, None).eval()
    first: dict[int, list[torch.Tensor]] = {}
    for epoch in EPOCHS if CLASSIFICATION in method.tasks else FEW_EPOCHS:
        torch.manual_seed(0)  # for losses that draw random numbers
        own = copy.deepcopy(learner)  # for losses that remember what they saw
        found = _loss_and_gradients(own, batch, epoch)
        expected = first.setdefault(learner.phase(epoch), found)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("name", "changes", "epochs"),
    [
        ("dkd", {}, 20),
        ("dkd", {"warmup_epochs": 7}, 7),
        ("ctkd", {}, 10),
        ("kd_v1", {}, 0),
        ("discom_kd", {}, 0),
    ],
)
def test_a_method_tells_how_many_epochs_its_schedule_takes(
    name: str, changes: dict[str, int], epochs: int
) -> None:
    assert make_method(name, changes).schedule_epochs == epochs
