"""Losses equal their formulas, written out once more with probabilities in NumPy."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from methods.dkd import dkd_loss
from methods.kd import kd_loss
from methods.mlkd import mlkd_loss

Values = NDArray[np.float64]
RANDOM = np.random.default_rng(11)
STUDENT = RANDOM.normal(0, 3, (9, 6))
TEACHER = RANDOM.normal(0, 3, (9, 6))
TARGET = RANDOM.integers(0, 6, 9)


def _softmax(logits: Values, temperature: float) -> Values:
    exponentials = np.exp(logits / temperature)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _divergence(p: Values, q: Values) -> float:
    """KL(p || q), summed over classes, mean over the batch."""
    return float((p * np.log(p / q)).sum(axis=1).mean())


def _tensors() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.from_numpy(STUDENT), torch.from_numpy(TEACHER), torch.from_numpy(TARGET)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_kd_loss(temperature: float) -> None:
    student, teacher, _ = _tensors()
    expected = temperature**2 * _divergence(
        _softmax(TEACHER, temperature), _softmax(STUDENT, temperature)
    )
    assert kd_loss(student, teacher, temperature).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("alpha", "beta", "temperature"), [(1, 8, 4), (2, 0.5, 1)])
def test_dkd_loss(alpha: float, beta: float, temperature: float) -> None:
    def binary_and_others(logits: Values) -> tuple[Values, Values]:
        p = _softmax(logits, temperature)
        is_target = np.eye(6, dtype=bool)[TARGET]
        others = p[~is_target].reshape(9, 5)
        hit = p[is_target]
        return np.stack([hit, 1 - hit], axis=1), others / others.sum(axis=1, keepdims=True)

    (s_binary, s_others), (t_binary, t_others) = map(binary_and_others, (STUDENT, TEACHER))
    expected = temperature**2 * (
        alpha * _divergence(t_binary, s_binary) + beta * _divergence(t_others, s_others)
    )
    found = dkd_loss(*_tensors(), alpha, beta, temperature)
    assert found.item() == pytest.approx(expected, rel=1e-9)


def test_dkd_loss_stays_finite_where_probabilities_round_to_zero() -> None:
    student = torch.tensor([[60.0, -60.0, 0.0]]).mul(20).requires_grad_()
    loss = dkd_loss(student, -student.detach(), torch.tensor([0]))
    loss.backward()
    assert loss.isfinite()
    assert student.grad is not None
    assert student.grad.isfinite().all()


@pytest.mark.parametrize("divergence", ["kd_loss", "released"])
def test_mlkd_loss(divergence: str) -> None:
    expected = 0.0
    for temperature in (2.0, 5.0):
        s, t = _softmax(STUDENT, temperature), _softmax(TEACHER, temperature)
        expected += ((s @ s.T - t @ t.T) ** 2).sum() / 9
        expected += ((s.T @ s - t.T @ t) ** 2).sum() / 6
        if divergence == "kd_loss":
            expected += temperature**2 * _divergence(t, s)
        else:
            expected += float((s * (np.log(s) - t)).mean())
    student, teacher, _ = _tensors()
    found = mlkd_loss(student, teacher, (2.0, 5.0), divergence)  # type: ignore[arg-type]
    assert found.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("loss", [kd_loss, mlkd_loss])
def test_a_student_equal_to_its_teacher_has_no_loss_and_no_gradient(loss) -> None:  # noqa: ANN001
    torch.manual_seed(2)
    teacher = torch.randn(4, 5, dtype=torch.float64)
    student = teacher.clone().requires_grad_()
    value = loss(student, teacher)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert student.grad is not None
    assert student.grad.abs().max() < 1e-12
