"""What CTKD trains beside the student: the temperature."""

import torch
from torch import Tensor, nn

from methods.ctkd.schedule import gradient_factor
from methods.kd import kd_loss
from methods.networks.gradient import scale_gradient


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
    """kd_loss at the learned temperature.

    Args:
        temperature: the temperature, which is trained with the student.
        decay_epochs: as for `gradient_factor`.
        weight: factor on the loss.
    """

    def __init__(self, temperature: LearnedTemperature, decay_epochs: int, weight: float) -> None:
        super().__init__()
        self.temperature = temperature
        self._decay_epochs = decay_epochs
        self._weight = weight

    def forward(self, student: Tensor, teacher: Tensor, target: Tensor, epoch: int) -> Tensor:
        temperature = self.temperature(gradient_factor(epoch, self._decay_epochs))
        return self._weight * kd_loss(student, teacher, temperature)
