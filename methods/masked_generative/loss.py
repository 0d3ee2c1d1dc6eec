"""The terms of masked generative distillation."""

from __future__ import annotations

from core.lazy import F, torch


def generation_loss(generated: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Squared difference, summed over channels and positions, mean over samples alone.

    Source: Yang et al. (ECCV 2022), equation 5, with the released code's division by samples.

    Args:
        generated: what the generator made of the masked student's features (B, D, h, w).
        teacher: the teacher's features, the same shape.

    Returns:
        Scalar, at least 0; it grows with the map's size.

    >>> import torch
    >>> generation_loss(torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)).item()
    48.0
    """
    return (generated - teacher).square().sum() / len(teacher)


def spatial_kd_loss(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, temperature: float = 4.0
) -> torch.Tensor:
    """T^2 KL(softmax(t / T) || softmax(s / T)) over positions, mean over samples and classes.

    Source: the segmentation code released with Yang et al. (ECCV 2022), which takes logits before
    they are enlarged to the input's size.

    Args:
        student_logits: (B, C, H, W).
        teacher_logits: the same shape.
        temperature: T > 0.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.rand(2, 3, 4, 4)
    >>> spatial_kd_loss(logits, logits).item()
    0.0
    """
    divergence = F.kl_div(
        F.log_softmax(student_logits.flatten(2) / temperature, dim=2),
        F.log_softmax(teacher_logits.flatten(2) / temperature, dim=2),
        reduction="none",
        log_target=True,
    )
    return temperature**2 * divergence.sum(dim=2).mean()
