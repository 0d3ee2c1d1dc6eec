"""DIST: distillation by correlation with the teacher (Huang et al., NeurIPS 2022)."""

from __future__ import annotations

from typing import Annotated

from core.lazy import torch
from methods.base import DistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform

EPSILON = 1e-8


def dist_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    sample_weight: float = 2.0,
    class_weight: float = 2.0,
    temperature: float = 4.0,
) -> torch.Tensor:
    """T^2 times one minus the mean Pearson correlation, over rows and over columns.

    Source: Huang et al. (NeurIPS 2022). The rows and columns are those of
    softmax(logits / T): a row is what one sample gives the classes, a column what one class gets
    from the samples of the batch.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        sample_weight: beta, weight of the rows ("inter-class relation").
        class_weight: gamma, weight of the columns ("intra-class relation").
        temperature: T > 0.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[1.0, 2.0, 4.0], [3.0, 0.0, 1.0]])
    >>> round(dist_loss(logits, logits).item(), 3)
    0.0
    """
    student = torch.softmax(student_logits / temperature, dim=1)
    teacher = torch.softmax(teacher_logits / temperature, dim=1)
    samples = 1 - _correlation(student, teacher, dim=1).mean()
    classes = 1 - _correlation(student, teacher, dim=0).mean()
    return temperature**2 * (sample_weight * samples + class_weight * classes)


def _correlation(one: torch.Tensor, other: torch.Tensor, dim: int) -> torch.Tensor:
    """Pearson's correlation along a dimension; 0 where either is constant."""
    one = one - one.mean(dim=dim, keepdim=True)
    other = other - other.mean(dim=dim, keepdim=True)
    norms: torch.Tensor = one.norm(dim=dim) * other.norm(dim=dim)
    return (one * other).sum(dim) / (norms + EPSILON)


@register_method
class DIST(DistillationMethod):
    """CE + dist_loss, with the weights and the temperature that its authors have for CIFAR-100."""

    name = "dist"
    label = "DIST"
    sample_weight: Annotated[float, LogUniform(0.2, 20)] = 2.0
    class_weight: Annotated[float, LogUniform(0.2, 20)] = 2.0
    temperature: Annotated[float, LogUniform(1, 10)] = 4.0
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        return dist_loss(
            student_logits, teacher_logits, self.sample_weight, self.class_weight, self.temperature
        )

    def phase(self, epoch: int) -> int:
        return 0
