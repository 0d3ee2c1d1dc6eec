"""What CTKD trains beside the student: the temperature."""

import torch
from torch import Tensor, nn

from methods.ctkd import CTKD, gradient_factor
from methods.gradient import scale_gradient
from methods.kd import kd_loss


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


class CurriculumCriterion(nn.Module):
    """kd_loss at the learned temperature."""

    def __init__(self, method: CTKD) -> None:
        super().__init__()
        self._method = method
        self.temperature = LearnedTemperature(method.temperature_start, method.temperature_span)

    def forward(self, student: Tensor, teacher: Tensor, target: Tensor, epoch: int) -> Tensor:
        temperature = self.temperature(gradient_factor(epoch, self._method.decay_epochs))
        return self._method.distillation_weight * kd_loss(student, teacher, temperature)
