"""DIST, TTM, WTTM and NKD equal their formulas, written out with probabilities in NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from methods import Batch, Problem
from methods.dist import dist_loss
from methods.lskd import standardize_logits
from methods.nkd import nkd_loss
from methods.registry import make_method, make_plugin
from methods.ttm import ttm_loss, wttm_loss

Values = NDArray[np.float64]
RANDOM = np.random.default_rng(5)
STUDENT = RANDOM.normal(0, 3, (9, 6))
TEACHER = RANDOM.normal(0, 3, (9, 6))
TARGET = RANDOM.integers(0, 6, 9)


def _softmax(logits: Values) -> Values:
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _dist(sample_weight: float, class_weight: float, temperature: float) -> float:
    p, q = _softmax(STUDENT / temperature), _softmax(TEACHER / temperature)
    samples = np.mean([np.corrcoef(p[i], q[i])[0, 1] for i in range(9)])
    classes = np.mean([np.corrcoef(p[:, c], q[:, c])[0, 1] for c in range(6)])
    return float(temperature**2 * (sample_weight * (1 - samples) + class_weight * (1 - classes)))


def _ttm(exponent: float, weighted: bool) -> float:
    q, p = _softmax(TEACHER) ** exponent, _softmax(STUDENT)
    total = q.sum(axis=1)
    q = q / total[:, None]
    divergences = (q * np.log(q / p)).sum(axis=1)
    return float((total * divergences if weighted else divergences).mean())


def _nkd(gamma: float, temperature: float) -> float:
    p, q = _softmax(STUDENT), _softmax(TEACHER)
    found = []
    for i, y in enumerate(TARGET):
        others = np.arange(6) != y
        p_others = _softmax(STUDENT[i : i + 1, others] / temperature)
        q_others = _softmax(TEACHER[i : i + 1, others] / temperature)
        rest = (q_others * np.log(p_others)).sum()
        found.append(-q[i, y] * np.log(p[i, y]) - gamma * temperature**2 * rest)
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        pytest.param(lambda s, t, _: dist_loss(s, t), _dist(2, 2, 4), id="dist"),
        pytest.param(lambda s, t, _: dist_loss(s, t, 1, 3, 1.5), _dist(1, 3, 1.5), id="dist 1.5"),
        pytest.param(lambda s, t, _: ttm_loss(s, t), _ttm(0.1, False), id="ttm"),
        pytest.param(lambda s, t, _: ttm_loss(s, t, 0.7), _ttm(0.7, False), id="ttm 0.7"),
        pytest.param(lambda s, t, _: wttm_loss(s, t), _ttm(0.2, True), id="wttm"),
        pytest.param(lambda s, t, _: wttm_loss(s, t, 0.7), _ttm(0.7, True), id="wttm 0.7"),
        pytest.param(nkd_loss, _nkd(1.5, 1), id="nkd"),
        pytest.param(lambda s, t, y: nkd_loss(s, t, y, 0.5, 3), _nkd(0.5, 3), id="nkd 3"),
    ],
)
def test_losses_and_their_gradients(
    loss: Callable[[Tensor, Tensor, Tensor], Tensor], expected: float
) -> None:
    student = torch.from_numpy(STUDENT).requires_grad_()
    teacher, target = torch.from_numpy(TEACHER), torch.from_numpy(TARGET)
    assert loss(student, teacher, target).item() == pytest.approx(expected, rel=1e-7)
    assert torch.autograd.gradcheck(
        lambda logits: loss(logits, teacher, target), student, atol=1e-7, rtol=1e-6
    )


METHODS = ("dist", "ttm", "wttm", "nkd")


@pytest.mark.parametrize("name", METHODS)
def test_a_run_learns_from_labels_and_from_the_teacher(
    name: str, problem: Problem, batch: Batch
) -> None:
    learner = make_method(name, {}).learner(problem, make_plugin("lskd")).eval()
    raw, teacher = learner.deployments()["SAR"](batch.inputs), batch.teacher_logits
    assert teacher is not None
    s, t = standardize_logits(raw), standardize_logits(teacher)
    distillation = {
        "dist": lambda: dist_loss(s, t, 2, 2, 4),
        "ttm": lambda: 45 * ttm_loss(s, t, 0.1),
        "wttm": lambda: 4 * wttm_loss(s, t, 0.2),
        "nkd": lambda: nkd_loss(s, t, batch.target, 1.5, 1),
    }[name]()
    task = torch.nn.functional.cross_entropy(raw, batch.target)
    torch.testing.assert_close(learner.loss(batch, 3), task + distillation)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("samples", [1, 4])
def test_extreme_logits_and_single_samples_have_finite_gradients(name: str, samples: int) -> None:
    random = torch.Generator().manual_seed(3)
    student = (500 * torch.randn(samples, 5, generator=random)).requires_grad_()
    teacher = 500 * torch.randn(samples, 5, generator=random)
    method = make_method(name, {})
    loss = method.distillation_loss(student, teacher, torch.arange(samples), 0)  # type: ignore[attr-defined]
    loss.backward()
    assert loss.isfinite()
    assert student.grad is not None
    assert student.grad.isfinite().all()
