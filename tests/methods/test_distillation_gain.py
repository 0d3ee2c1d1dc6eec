"""Where the outcome is known, distillation does what it must: linear models on Gaussian data.

The generator is written out here: methods know nothing of data sets. Its shape is that of
`datasets/generated/gaussian.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.dkd import dkd_loss
from methods.kd import kd_loss
from methods.mlkd import mlkd_loss

CLASSES, DECISIVE, NUISANCES, TRAINING, SAMPLES = 4, 16, 120, 300, 1300
Loss = Callable[[Tensor], Tensor]
DistillationLoss = Callable[[Tensor, Tensor, Tensor], Tensor]


def _kd_v1(student: Tensor, teacher: Tensor, target: Tensor) -> Tensor:  # noqa: ARG001
    return kd_loss(student, teacher)


def _kd_v2(student: Tensor, teacher: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(student, target) + kd_loss(student, teacher)


def _dkd(student: Tensor, teacher: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(student, target) + dkd_loss(student, teacher, target)


def _mlkd(student: Tensor, teacher: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(student, target) + mlkd_loss(student, teacher)


LOSSES: dict[str, DistillationLoss] = {
    "kd_v1": _kd_v1,
    "kd_v2": _kd_v2,
    "dkd": _dkd,
    "mlkd": _mlkd,
}


@dataclass(frozen=True)
class Pairs:
    """Features (N, ...) of the teacher's and the student's modality, and classes (N,)."""

    teacher: Tensor
    student: Tensor
    labels: Tensor


def _pairs(shared: int) -> Pairs:
    """The teacher sees half or all of the decisive features, `shared` of them are the student's."""
    random = torch.Generator().manual_seed(0)
    decisive = torch.randn(SAMPLES, DECISIVE, generator=random)
    labels = (decisive @ torch.randn(DECISIVE, CLASSES, generator=random)).argmax(dim=1)
    nuisances = torch.randn(SAMPLES, NUISANCES, generator=random)
    if shared:
        teacher = own = decisive
    else:
        teacher, own = decisive.chunk(2, dim=1)
    return Pairs(teacher, torch.cat([own, nuisances], dim=1), labels)


def _fit(features: Tensor, loss: Loss) -> Tensor:
    """Logits for all samples of a linear model that was trained on the first ones."""
    model = nn.Linear(features.shape[1], CLASSES)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        optimiser.zero_grad()
        loss(model(features[:TRAINING])).backward()
        optimiser.step()
    logits: Tensor = model(features).detach()
    return logits


def _accuracy(logits: Tensor, labels: Tensor) -> float:
    return float((logits.argmax(dim=1) == labels)[TRAINING:].double().mean())


@pytest.fixture(params=[DECISIVE, 0], ids=["all shared", "nothing shared"])
def pairs(request: pytest.FixtureRequest) -> Pairs:
    return _pairs(request.param)


@pytest.mark.parametrize("name", LOSSES)
def test_a_student_gains_by_what_the_modalities_share(name: str, pairs: Pairs) -> None:
    target = pairs.labels[:TRAINING]
    teacher = _fit(pairs.teacher, lambda logits: F.cross_entropy(logits, target))[:TRAINING]
    alone = _fit(pairs.student, lambda logits: F.cross_entropy(logits, target))
    taught = _fit(pairs.student, lambda logits: LOSSES[name](logits, teacher, target))
    gain = _accuracy(taught, pairs.labels) - _accuracy(alone, pairs.labels)
    if pairs.teacher.shape[1] == DECISIVE:
        assert gain > 0.1
    else:
        assert gain < 0.05
