"""RKD compares how samples lie to each other, pair by pair and triple by triple."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from methods.rkd import rkd_loss

Values = NDArray[np.float64]
RANDOM = np.random.default_rng(6)
STUDENT = RANDOM.normal(0, 1, (7, 4))
TEACHER = RANDOM.normal(2, 3, (7, 5))


def _smooth_l1(one: Values, other: Values) -> float:
    gap = np.abs(one - other)
    return float(np.where(gap < 1, gap**2 / 2, gap - 0.5).mean())


def _distances(points: Values) -> Values:
    lengths = np.linalg.norm(points[:, None] - points, axis=2)
    relative: Values = lengths / lengths[lengths > 0].mean()
    return relative


def _cosines(points: Values) -> Values:
    found = np.zeros((7, 7, 7))
    for i, j, k in np.ndindex(7, 7, 7):
        if i not in (j, k):
            one, other = points[j] - points[i], points[k] - points[i]
            found[i, j, k] = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    return found


@pytest.mark.parametrize(("distance_weight", "angle_weight"), [(25, 50), (1, 0), (0, 1)])
def test_the_loss_and_its_gradient(distance_weight: float, angle_weight: float) -> None:
    expected = distance_weight * _smooth_l1(_distances(STUDENT), _distances(TEACHER))
    expected += angle_weight * _smooth_l1(_cosines(STUDENT), _cosines(TEACHER))
    student, teacher = torch.from_numpy(STUDENT).requires_grad_(), torch.from_numpy(TEACHER)
    found = rkd_loss(student, teacher, distance_weight, angle_weight)
    assert found.item() == pytest.approx(expected, rel=1e-9)
    assert torch.autograd.gradcheck(
        lambda points: rkd_loss(points, teacher, distance_weight, angle_weight),
        student,
        atol=1e-7,
        rtol=1e-6,
    )


def test_turned_shifted_and_scaled_embeddings_are_the_same() -> None:
    teacher = torch.from_numpy(TEACHER)
    turn, _ = torch.linalg.qr(torch.randn(5, 5, dtype=torch.float64))
    assert rkd_loss(7 + 3 * teacher @ turn, teacher).item() == pytest.approx(0, abs=1e-12)


def test_equal_samples_give_finite_gradients() -> None:
    student = torch.zeros(5, 8)
    student[3:] = 1.0
    student.requires_grad_()
    loss = rkd_loss(student, torch.randn(5, 8, generator=torch.Generator().manual_seed(0)))
    loss.backward()
    assert loss.isfinite()
    assert student.grad is not None
    assert student.grad.isfinite().all()


def test_float32_is_good_for_five_digits_of_large_embeddings_far_from_zero() -> None:
    random = torch.Generator().manual_seed(1)
    student = 50 + torch.randn(32, 512, generator=random)
    teacher = 20 + torch.randn(32, 512, generator=random)
    exact = rkd_loss(student.double(), teacher.double())
    assert rkd_loss(student, teacher).item() == pytest.approx(exact.item(), rel=1e-5)
