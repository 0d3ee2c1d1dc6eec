"""KD-Net: logits and bottleneck features of a multi-modal teacher (Hu et al., 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from core.lazy import torch
from methods.contract import SEGMENTATION
from methods.dice import dice_loss
from methods.feature_distillation import FeatureDistillationMethod
from methods.kd import kd_loss
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.targets import cross_entropy, valid_positions


def bottleneck_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """KL(softmax(teacher) || softmax(student)) over channels, mean over positions.

    Source: Hu et al. (2020), the term on the bottleneck; there is no public code.

    Args:
        student: encoder's output (B, D, h, w).
        teacher: the same shape.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> maps = torch.rand(2, 3, 4, 4)
    >>> bottleneck_loss(maps, maps + 1).item() < 1e-6  # the softmax is blind to a shift
    True
    """
    return kd_loss(student, teacher, 1.0)


@register_method
class KDNet(FeatureDistillationMethod):
    """(1 - lambda) (CE + Dice) + lambda kd_loss + bottleneck_loss, with lambda 0.75 and T = 5."""

    name = "kd_net"
    label = "KD-Net"
    tasks = frozenset({SEGMENTATION})
    teacher_needs = ("encoded",)
    task_weight: float = 0.25
    logits_weight: Annotated[float, LogUniform(0.075, 7.5)] = 0.75
    bottleneck_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    temperature: Annotated[float, LogUniform(1, 10)] = 5.0

    def task_loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return cross_entropy(logits, target) + dice_loss(logits, target)

    def distillation_terms(
        self,
        student: Mapping[str, torch.Tensor],
        teacher: Mapping[str, torch.Tensor],
        target: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        valid = valid_positions(target)
        logits = kd_loss(student["logits"], teacher["logits"], self.temperature, valid)
        bottleneck = bottleneck_loss(student["encoded"], teacher["encoded"])
        return {
            "logits": self.logits_weight * logits,
            "bottleneck": self.bottleneck_weight * bottleneck,
        }
