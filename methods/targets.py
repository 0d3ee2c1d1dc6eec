"""Targets that losses count: all of classification, those of segmentation that are not ignored."""

from __future__ import annotations

from core.lazy import F, torch
from methods.contract import IGNORED


def valid_positions(target: torch.Tensor) -> torch.Tensor:
    """Which positions of `target`, class indices of any shape, losses count; bool, its shape."""
    return target != IGNORED


def mean_over_valid(values: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """The mean of `values` where `valid`; 0, without gradient, where nothing is.

    Args:
        values: any shape, finite everywhere.
        valid: bool, the same shape.

    >>> import torch
    >>> values = torch.tensor([1.0, 2.0, 6.0])
    >>> mean_over_valid(values, torch.tensor([True, False, True])).item()
    3.5
    >>> mean_over_valid(values, torch.zeros(3, dtype=torch.bool)).item()
    0.0
    """
    return (values * valid).sum() / valid.sum().clamp(min=1)


def cross_entropy(
    logits: torch.Tensor, target: torch.Tensor, label_smoothing: float = 0.0
) -> torch.Tensor:
    """Cross-entropy, mean over the samples, or over the pixels that are not ignored.

    Args:
        logits: (B, C) or (B, C, H, W).
        target: class indices, (B,), or (B, H, W) with some `IGNORED`.
        label_smoothing: the share of each target that all classes get in equal parts, in [0, 1].

    Returns:
        Scalar, at least 0; 0, without gradient, where all pixels are ignored.
    """
    if target.ndim == 1:
        return F.cross_entropy(logits, target, label_smoothing=label_smoothing)
    losses = F.cross_entropy(
        logits, target, ignore_index=IGNORED, reduction="none", label_smoothing=label_smoothing
    )
    return mean_over_valid(losses, valid_positions(target))


def class_masks(target: torch.Tensor, num_classes: int) -> torch.Tensor:
    """Where each class is; an ignored position is in none.

    Args:
        target: class indices (B, H, W).
        num_classes: C.

    Returns:
        bool (B, C, H, W).
    """
    classes = torch.arange(num_classes, device=target.device)
    return target[:, None] == classes[:, None, None]
