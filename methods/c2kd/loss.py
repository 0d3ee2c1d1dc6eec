"""What one modality's proxy learns from another's, and from which samples."""

from __future__ import annotations

from core.lazy import F, torch


def kendall_correlation(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Kendall's tau-b of each row: how far two networks agree on the order of the classes.

    Equals scipy.stats.kendalltau. It compares all pairs of classes, C^2 of them a sample.

    Args:
        one: (B, C), C >= 2.
        other: (B, C).

    Returns:
        (B,), in [-1, 1]; NaN where all values of a row are equal.

    >>> import torch
    >>> order = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    >>> kendall_correlation(order, order.flip(1)).item()
    -1.0
    """
    first = torch.sign(one[:, :, None] - one[:, None, :])
    second = torch.sign(other[:, :, None] - other[:, None, :])
    untied = first.abs().sum((1, 2)) * second.abs().sum((1, 2))
    return (first * second).sum((1, 2)) / untied.sqrt()


def non_target_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    target: torch.Tensor,
    chosen: torch.Tensor,
) -> torch.Tensor:
    """KL(softmax(t) || softmax(s)) of the chosen samples, the target's logits set to 0.

    Source: Huo et al. (CVPR 2024), on-the-fly selection distillation. The sum is divided by the
    size of the batch, not by the number of samples that are chosen.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        target: (B,), class indices in [0, C).
        chosen: (B,), bool.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> logits = torch.tensor([[3.0, 1.0, 2.0]])
    >>> target, chosen = torch.tensor([0]), torch.tensor([True])
    >>> non_target_loss(logits, logits + torch.tensor([9.0, 0.0, 0.0]), target, chosen).item()
    0.0
    """
    classes = torch.arange(student_logits.shape[1], device=target.device)
    others = (classes != target[:, None]).to(student_logits.dtype)
    divergences = F.kl_div(
        F.log_softmax(student_logits * others, dim=1),
        F.log_softmax(teacher_logits * others, dim=1),
        reduction="none",
        log_target=True,
    ).sum(dim=1)
    # Of samples that are not chosen nothing may come through, whatever their divergence is.
    return torch.where(chosen, divergences, 0.0).mean()
