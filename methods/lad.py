"""LAD: layer-wise angular distillation (Liu et al., WACV 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from core.lazy import F, torch
from methods.contract import SEGMENTATION
from methods.feature_distillation import FeatureDistillationMethod
from methods.kd import kd_loss
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.targets import valid_positions


def lad_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Squared distance of the normalised maps, mean over samples: 2 - 2 cos of the whole layer.

    Source: Liu et al. (WACV 2024), layer-wise angular distillation; there is no public code.

    Args:
        student: encoder's output (B, D, h, w).
        teacher: the same shape.

    Returns:
        Scalar in [0, 4].

    >>> import torch
    >>> maps = torch.rand(2, 3, 4, 4)
    >>> lad_loss(maps, 5 * maps).item() < 1e-6  # magnitudes do not count
    True
    """
    difference = F.normalize(student.flatten(1), dim=1) - F.normalize(teacher.flatten(1), dim=1)
    return difference.square().sum(dim=1).mean()


@register_method
class LAD(FeatureDistillationMethod):
    """CE + kd_loss at T = 1 + lad_loss on the encoder's output."""

    name = "lad"
    label = "LAD"
    tasks = frozenset({SEGMENTATION})
    teacher_needs = ("encoded",)
    logits_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    angular_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0
    temperature: Annotated[float, LogUniform(0.5, 5)] = 1.0

    def distillation_terms(
        self,
        student: Mapping[str, torch.Tensor],
        teacher: Mapping[str, torch.Tensor],
        target: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        valid = valid_positions(target)
        logits = kd_loss(student["logits"], teacher["logits"], self.temperature, valid)
        angular = self.angular_loss(student["encoded"], teacher["encoded"])
        return {"logits": self.logits_weight * logits, "angular": self.angular_weight * angular}

    def angular_loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """The term on the encoders' outputs (B, D, h, w), a scalar."""
        return lad_loss(student, teacher)
