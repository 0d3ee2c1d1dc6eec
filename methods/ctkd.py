"""CTKD: a temperature that is learned against the student (Li et al., AAAI 2023)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from methods.base import DistillationMethod
from methods.registry import register_method

if TYPE_CHECKING:
    from torch import nn


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
        from methods.learners.ctkd import CurriculumCriterion

        return CurriculumCriterion(self)
