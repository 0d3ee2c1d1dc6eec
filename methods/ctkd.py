"""CTKD: a temperature that is learned against the student (Li et al., AAAI 2023)."""

import math

import torch
from torch import Tensor, nn

from methods.base import DistillationMethod
from methods.gradient import scale_gradient
from methods.kd import kd_loss
from methods.registry import register_method


def gradient_factor(epoch: int, decay_epochs: int = 10) -> float:
    """Factor on the gradient of the learned temperature: a cosine from 0 to -1, then -1.

    Source: Li et al. (AAAI 2023), section "Curriculum temperature"; lambda of the gradient
    reversal.

    Args:
        epoch: current epoch, from 0.
        decay_epochs: epochs until -1 is reached, at least 1.

    >>> gradient_factor(0, 5), gradient_factor(5, 5), gradient_factor(9, 5)
    (0.0, -1.0, -1.0)
    """
    progress = min(epoch, decay_epochs) / decay_epochs
    return (math.cos(math.pi * progress) + 1) / 2 - 1


class LearnedTemperature(nn.Module):
    """T = start + span * sigmoid(theta), one learned scalar theta that starts at 1."""

    def __init__(self, start: float = 1.0, span: float = 20.0) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.ones(()))
        self._start = start
        self._span = span

    def forward(self, factor: float) -> Tensor:
        """The temperature, a scalar tensor; theta's gradient is multiplied by `factor`."""
        return self._start + self._span * torch.sigmoid(scale_gradient(self.theta, factor))


@register_method
class CTKD(DistillationMethod):
    """0.1 CE + 0.9 kd_loss at the learned temperature; theta trained by the same optimiser."""

    name = "ctkd"
    label = "CTKD"
    switches = {"ctkd_epochs": "decay_epochs"}
    temperature_start: float = 1.0
    temperature_span: float = 20.0
    decay_epochs: int = 10
    distillation_weight: float = 0.9
    task_weight: float = 0.1

    def phase(self, epoch: int) -> int:
        return min(epoch, self.decay_epochs)

    def criterion(self) -> nn.Module:
        return _CurriculumCriterion(self)


class _CurriculumCriterion(nn.Module):
    def __init__(self, method: CTKD) -> None:
        super().__init__()
        self._method = method
        self.temperature = LearnedTemperature(method.temperature_start, method.temperature_span)

    def forward(self, student: Tensor, teacher: Tensor, target: Tensor, epoch: int) -> Tensor:
        temperature = self.temperature(gradient_factor(epoch, self._method.decay_epochs))
        return self._method.distillation_weight * kd_loss(student, teacher, temperature)
