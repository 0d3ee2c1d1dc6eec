"""DKD: decoupled knowledge distillation (Zhao et al., CVPR 2022)."""

from __future__ import annotations

from typing import Annotated

from core.lazy import torch
from methods.base import DistillationMethod
from methods.kd import kd_loss
from methods.registry import register_method
from methods.search_space import LogUniform, Uniform


def dkd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    target: torch.Tensor,
    alpha: float = 1.0,
    beta: float = 8.0,
    temperature: float = 4.0,
) -> torch.Tensor:
    """Decoupled distillation: alpha TCKD + beta NCKD, mean over the batch.

    Source: Zhao et al. (CVPR 2022), equation 7. TCKD is T^2 times the KL divergence between the
    two-way distributions (target class, all others); NCKD is T^2 times that between the
    distributions over the other classes alone.

    Args:
        student_logits: (B, C), C >= 2.
        teacher_logits: (B, C).
        target: (B,), class indices in [0, C).
        alpha: weight of TCKD.
        beta: weight of NCKD.
        temperature: T > 0.

    Returns:
        Scalar, at least 0.
    """
    student_target, student_others = split_at_target(student_logits / temperature, target)
    teacher_target, teacher_others = split_at_target(teacher_logits / temperature, target)
    # The log-sum-exp over the others is the logit of "any other class"; in this form no probability
    # is formed that could round to zero before its logarithm is taken.
    student_binary = torch.stack([student_target, student_others.logsumexp(1)], dim=1)
    teacher_binary = torch.stack([teacher_target, teacher_others.logsumexp(1)], dim=1)
    tckd = kd_loss(student_binary, teacher_binary, 1.0)
    nckd = kd_loss(student_others, teacher_others, 1.0)
    return temperature**2 * (alpha * tckd + beta * nckd)


def split_at_target(
    logits: torch.Tensor, target: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split logits (B, C) into the target's (B,) and the others' (B, C - 1).

    The others are in the order of the classes behind the target, and go round.
    """
    classes = logits.shape[1]
    offsets = torch.arange(1, classes, device=logits.device)
    others = (target[:, None] + offsets) % classes  # a gather, since a mask would stop the GPU
    return logits.gather(1, target[:, None]).squeeze(1), logits.gather(1, others)


@register_method
class DKD(DistillationMethod):
    """CE + min(epoch / warmup_epochs, 1) * dkd_loss, with the paper's alpha, beta and T."""

    name = "dkd"
    label = "DKD"
    alpha: Annotated[float, LogUniform(0.1, 10)] = 1.0
    beta: Annotated[float, LogUniform(0.8, 80)] = 8.0
    temperature: Annotated[float, LogUniform(1, 10)] = 4.0
    warmup_epochs: Annotated[int, Uniform(1, 40)] = 20
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        loss = dkd_loss(
            student_logits, teacher_logits, target, self.alpha, self.beta, self.temperature
        )
        return min(epoch / self.warmup_epochs, 1.0) * loss

    @property
    def schedule_epochs(self) -> int:
        return self.warmup_epochs

    def phase(self, epoch: int) -> int:
        return min(epoch, self.warmup_epochs)
