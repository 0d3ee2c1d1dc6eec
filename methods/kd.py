"""KDv1 and KDv2: the distillation of logits at a temperature."""

from __future__ import annotations

from core.lazy import F, torch
from methods.base import DistillationMethod
from methods.registry import register_method


def kd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperature: float | torch.Tensor = 4.0,
) -> torch.Tensor:
    """T^2 KL(softmax(t / T) || softmax(s / T)), summed over classes, mean over the batch.

    Source: Hinton et al., 2015; as used by Xue et al. (ICLR 2023).

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        temperature: T > 0; a tensor where T is learned.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[1.0, 2.0, 3.0]])
    >>> kd_loss(logits, logits).item()
    0.0
    """
    divergence = F.kl_div(
        F.log_softmax(student_logits / temperature, dim=1),
        F.log_softmax(teacher_logits / temperature, dim=1),
        reduction="batchmean",
        log_target=True,
    )
    return divergence * temperature**2


@register_method
class KDv1(DistillationMethod):
    """kd_loss alone: equation 1 of the DisCoM-KD paper with alpha = 0."""

    name = "kd_v1"
    label = "KDv1"
    temperature: float = 4.0
    distillation_weight: float = 1.0
    task_weight: float = 0.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        return self.distillation_weight * kd_loss(student_logits, teacher_logits, self.temperature)

    def phase(self, epoch: int) -> int:
        return 0


@register_method
class KDv2(KDv1):
    """0.5 CE + 0.5 kd_loss: equation 1 of the DisCoM-KD paper with alpha = 0.5."""

    name = "kd_v2"
    label = "KDv2"
    distillation_weight: float = 0.5
    task_weight: float = 0.5
