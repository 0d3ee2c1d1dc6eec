"""CTKD's temperature is trained with the student, and against it."""

import pytest
import torch

from methods import Problem
from methods.ctkd import CTKD, gradient_factor
from methods.ctkd.curriculum import LearnedTemperature
from methods.kd import kd_loss
from methods.registry import make_method


def test_ctkd_moves_its_temperature_against_the_student() -> None:
    torch.manual_seed(3)
    student, teacher, target = torch.randn(4, 5), torch.randn(4, 5), torch.arange(4)
    gradients = {}
    for epoch in (0, 5, 10, 50):
        criterion = CTKD().criterion()
        criterion(student, teacher, target, epoch).backward()
        ((_, theta),) = criterion.named_parameters()
        gradients[epoch] = float(theta.grad)
    plain = LearnedTemperature()
    (0.9 * kd_loss(student, teacher, plain(1.0))).backward()
    assert plain.theta.grad is not None
    for epoch, gradient in gradients.items():
        assert gradient == pytest.approx(gradient_factor(epoch) * float(plain.theta.grad), rel=1e-5)
    assert gradients[0] == 0
    assert gradients[10] == gradients[50] == pytest.approx(-float(plain.theta.grad))


def test_ctkd_temperature_is_trained_with_the_student(problem: Problem) -> None:
    learner = make_method("ctkd", {}).learner(problem, None)
    names = [name for name, _ in learner.named_parameters()]
    assert "criterion.temperature.theta" in names
