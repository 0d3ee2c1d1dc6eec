"""NKD: normalized knowledge distillation (Yang et al., ICCV 2023)."""

from __future__ import annotations

from typing import Annotated

from core.lazy import F, torch
from methods.base import DistillationMethod
from methods.dkd import split_at_target
from methods.registry import register_method
from methods.search_space import LogUniform


def nkd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    target: torch.Tensor,
    gamma: float = 1.5,
    temperature: float = 1.0,
) -> torch.Tensor:
    """Cross-entropies with the teacher, of the target class and of all others; mean over the batch.

    Source: Yang et al. (ICCV 2023), without its first term, the cross-entropy on labels.
    With P and Q the student's and the teacher's softmax, and P' and Q' those over the other classes
    alone at temperature T, it is -Q_target log P_target - gamma T^2 sum of Q' log P'.

    Args:
        student_logits: (B, C), C >= 2.
        teacher_logits: (B, C).
        target: (B,), class indices in [0, C).
        gamma: weight of the other classes.
        temperature: T > 0, for the other classes alone.

    Returns:
        Scalar, at least 0. It is a cross-entropy: not 0 where the student equals its teacher.

    >>> import math, torch
    >>> logits = torch.zeros(1, 3)
    >>> loss = nkd_loss(logits, logits, torch.tensor([0]), gamma=1.0)
    >>> math.isclose(loss.item(), math.log(3) / 3 + math.log(2), rel_tol=1e-6)
    True
    """
    chosen = target[:, None]
    student_hit = F.log_softmax(student_logits, dim=1).gather(1, chosen)
    teacher_hit = torch.softmax(teacher_logits, dim=1).gather(1, chosen)
    _, student_others = split_at_target(student_logits / temperature, target)
    _, teacher_others = split_at_target(teacher_logits / temperature, target)
    others = F.cross_entropy(student_others, torch.softmax(teacher_others, dim=1))
    return gamma * temperature**2 * others - (teacher_hit * student_hit).mean()


@register_method
class NKD(DistillationMethod):
    """CE + nkd_loss, with the paper's gamma and T."""

    name = "nkd"
    label = "NKD"
    gamma: Annotated[float, LogUniform(0.15, 15)] = 1.5
    temperature: Annotated[float, LogUniform(0.5, 5)] = 1.0
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        return nkd_loss(student_logits, teacher_logits, target, self.gamma, self.temperature)

    def phase(self, epoch: int) -> int:
        return 0
