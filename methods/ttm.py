"""TTM and WTTM: transformed teacher matching (Zheng & Yang, ICLR 2024)."""

from __future__ import annotations

from typing import Annotated

from core.lazy import F, torch
from methods.base import DistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform


def ttm_loss(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, exponent: float = 0.1
) -> torch.Tensor:
    """KL(q / U || softmax(s)), q = softmax(t)^gamma and U the sum of q; mean over the batch.

    Source: Zheng & Yang (ICLR 2024). It is the divergence of kd_loss with the
    temperature 1 / gamma on the teacher's side alone.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        exponent: gamma > 0.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[1.0, 2.0, 3.0]])
    >>> round(ttm_loss(0.5 * logits, logits, exponent=0.5).item(), 4)
    0.0
    """
    return _divergences(student_logits, teacher_logits, exponent).mean()


def wttm_loss(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, exponent: float = 0.2
) -> torch.Tensor:
    """As `ttm_loss`, each sample's divergence multiplied by its U.

    Source: Zheng & Yang (ICLR 2024). U is between 1 and C^(1 - gamma) for gamma < 1,
    the larger, the less certain the teacher is.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        exponent: gamma > 0.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[1.0, 2.0, 3.0]])
    >>> round(wttm_loss(0.5 * logits, logits, exponent=0.5).item(), 4)
    0.0
    """
    sums = (exponent * F.log_softmax(teacher_logits, dim=1)).exp().sum(dim=1)
    return (sums * _divergences(student_logits, teacher_logits, exponent)).mean()


def _divergences(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, exponent: float
) -> torch.Tensor:
    """KL(q / U || softmax(s)) of each sample, (B,)."""
    return F.kl_div(
        F.log_softmax(student_logits, dim=1),
        # q / U without a power of probabilities that have rounded to zero
        F.log_softmax(exponent * teacher_logits, dim=1),
        reduction="none",
        log_target=True,
    ).sum(dim=1)


@register_method
class TTM(DistillationMethod):
    """CE + 45 ttm_loss, gamma = 0.1."""

    name = "ttm"
    label = "TTM"
    exponent: Annotated[float, LogUniform(0.05, 1)] = 0.1
    distillation_weight: Annotated[float, LogUniform(4.5, 450)] = 45.0
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        loss = ttm_loss(student_logits, teacher_logits, self.exponent)
        return self.distillation_weight * loss

    def phase(self, epoch: int) -> int:
        return 0


@register_method
class WTTM(TTM):
    """CE + 4 wttm_loss, gamma = 0.2."""

    name = "wttm"
    label = "WTTM"
    exponent: Annotated[float, LogUniform(0.05, 1)] = 0.2
    distillation_weight: Annotated[float, LogUniform(0.4, 40)] = 4.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        loss = wttm_loss(student_logits, teacher_logits, self.exponent)
        return self.distillation_weight * loss
