"""LSKD: logit standardization (Sun et al., CVPR 2024), a plug-in for any distillation method."""

from __future__ import annotations

from core.lazy import torch
from methods.plugins import Plugin
from methods.registry import register_plugin

EPSILON = 1e-7


def standardize_logits(logits: torch.Tensor) -> torch.Tensor:
    """(x - mean) / (1e-7 + std) over the classes of a sample or pixel, std with divisor C - 1.

    Source: Sun et al. (CVPR 2024), algorithm 1.

    Args:
        logits: (B, C) or (B, C, H, W), C >= 2.

    Returns:
        The same shape, with mean 0 and standard deviation 1 over classes.
    """
    centred = logits - logits.mean(dim=1, keepdim=True)
    return centred / (EPSILON + logits.std(dim=1, keepdim=True))


@register_plugin
class LSKD(Plugin):
    """Standardizes student and teacher logits in the distillation term; CE keeps raw logits."""

    name = "lskd"
    label = "LSKD"

    def transform(self, logits: torch.Tensor) -> torch.Tensor:
        return standardize_logits(logits)
