"""KDv1 and KDv2: the distillation of logits at a temperature, of images or of their pixels."""

from __future__ import annotations

from typing import Annotated

from core.lazy import F, torch
from methods.base import DistillationMethod
from methods.contract import CLASSIFICATION, SEGMENTATION
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.targets import mean_over_valid, valid_positions


def kd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperature: float | torch.Tensor = 4.0,
    valid: torch.Tensor | None = None,
) -> torch.Tensor:
    """T^2 KL(softmax(t / T) || softmax(s / T)), summed over classes, mean over the rest.

    Source: Hinton et al., 2015; as used by Xue et al. (ICLR 2023).

    Args:
        student_logits: (B, C) or (B, C, H, W).
        teacher_logits: the same shape.
        temperature: T > 0; a tensor where T is learned.
        valid: bool (B,) or (B, H, W), what the mean is over; None for all.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[1.0, 2.0, 3.0]])
    >>> kd_loss(logits, logits).item()
    0.0
    """
    student = F.log_softmax(student_logits / temperature, dim=1)
    teacher = F.log_softmax(teacher_logits / temperature, dim=1)
    if valid is None and student.ndim == 2:
        divergence = F.kl_div(student, teacher, reduction="batchmean", log_target=True)
    else:
        divergences = F.kl_div(student, teacher, reduction="none", log_target=True).sum(dim=1)
        divergence = divergences.mean() if valid is None else mean_over_valid(divergences, valid)
    return divergence * temperature**2


@register_method
class KDv1(DistillationMethod):
    """kd_loss alone: equation 1 of the DisCoM-KD paper with alpha = 0.

    In segmentation it is the mean over the pixels that are not ignored.
    """

    name = "kd_v1"
    label = "KDv1"
    tasks = frozenset({CLASSIFICATION, SEGMENTATION})
    temperature: Annotated[float, LogUniform(1, 10)] = 4.0
    distillation_weight: float = 1.0
    task_weight: float = 0.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        valid = None if target.ndim == 1 else valid_positions(target)
        loss = kd_loss(student_logits, teacher_logits, self.temperature, valid)
        return self.distillation_weight * loss

    def phase(self, epoch: int) -> int:
        return 0


@register_method
class KDv2(KDv1):
    """0.5 CE + 0.5 kd_loss: equation 1 of the DisCoM-KD paper with alpha = 0.5."""

    name = "kd_v2"
    label = "KDv2"
    distillation_weight: Annotated[float, LogUniform(0.05, 5)] = 0.5
    task_weight: float = 0.5
