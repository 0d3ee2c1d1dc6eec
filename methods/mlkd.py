"""MLKD: multi-level logit distillation (Jin et al., CVPR 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.lazy import F, torch
from methods.base import DistillationMethod
from methods.kd import kd_loss
from methods.registry import register_method

Divergence = Literal["kd_loss", "released"]
TEMPERATURES = (2.0, 3.0, 4.0, 5.0, 6.0)


def mlkd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperatures: Sequence[float] = TEMPERATURES,
    divergence: Divergence = "kd_loss",
) -> torch.Tensor:
    """Instance, batch and class level distillation, summed over temperatures.

    Source: Jin et al. (CVPR 2023), equations 3 to 8. With P = softmax(logits / T), each T adds
    kd_loss + |P_s P_s' - P_t P_t'|_F^2 / B + |P_s' P_s - P_t' P_t|_F^2 / C.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        temperatures: the temperatures summed over, each > 0.
        divergence: the instance level's measure. "released" is what the code released with
            DisCoM-KD computes: the mean over elements of P_s (log P_s - P_t), without T^2. It is
            no divergence and can be negative.

    Returns:
        Scalar.
    """
    batch, classes = student_logits.shape
    total = student_logits.new_zeros(())
    for temperature in temperatures:
        student = torch.softmax(student_logits / temperature, dim=1)
        teacher = torch.softmax(teacher_logits / temperature, dim=1)
        if divergence == "kd_loss":
            instance_level = kd_loss(student_logits, teacher_logits, temperature)
        else:
            instance_level = F.kl_div(teacher, student, reduction="none").mean()
        batch_level = (student @ student.T - teacher @ teacher.T).square().sum() / batch
        class_level = (student.T @ student - teacher.T @ teacher).square().sum() / classes
        total = total + instance_level + batch_level + class_level
    return total


@register_method
class MLKD(DistillationMethod):
    """CE + mlkd_loss over temperatures 2 to 6."""

    name = "mlkd"
    label = "MLKD"
    switches = {"mlkd_divergence": "divergence"}
    temperatures: tuple[float, ...] = TEMPERATURES
    divergence: Divergence = "kd_loss"
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        return mlkd_loss(student_logits, teacher_logits, self.temperatures, self.divergence)

    def phase(self, epoch: int) -> int:
        return 0
