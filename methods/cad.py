"""CAD: channel-wise angular distillation (Liu et al., WACV 2024)."""

from __future__ import annotations

from core.lazy import F, torch
from methods.lad import LAD
from methods.registry import register_method


def cad_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Squared distance of the normalised channels, mean over samples and channels.

    Source: Liu et al. (WACV 2024), channel-wise angular distillation; there is no public code.

    Args:
        student: encoder's output (B, D, h, w).
        teacher: the same shape.

    Returns:
        Scalar in [0, 4]. A channel that is 0 everywhere has no direction and is left at 0.

    >>> import torch
    >>> maps = torch.rand(2, 3, 4, 4)
    >>> scales = torch.tensor([1.0, 2.0, 3.0])[:, None, None]
    >>> cad_loss(maps, scales * maps).item() < 1e-6  # each channel has a magnitude of its own
    True
    """
    difference = F.normalize(student.flatten(2), dim=2) - F.normalize(teacher.flatten(2), dim=2)
    return difference.square().sum(dim=2).mean()


@register_method
class CAD(LAD):
    """CE + kd_loss at T = 1 + cad_loss on the encoder's output."""

    name = "cad"
    label = "CAD"

    def angular_loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        return cad_loss(student, teacher)
