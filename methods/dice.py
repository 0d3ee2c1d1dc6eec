"""The Dice loss of segmentation, which the methods from medical imaging train with."""

from __future__ import annotations

from core.lazy import torch
from methods.targets import class_masks, valid_positions

SMOOTHING = 1e-5


def dice_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """1 - soft Dice of each class over the batch, mean over classes.

    With p = softmax(logits) and g the one-hot target, the Dice of a class is
    (2 sum(p g) + 1e-5) / (sum(p^2) + sum(g) + 1e-5), the sums over the batch's pixels that are not
    ignored. Source: the code released with Wang et al. (ICASSP 2023).

    Args:
        logits: (B, C, H, W).
        target: class indices (B, H, W), some of them `IGNORED`.

    Returns:
        Scalar in [0, 1]; 0, without gradient, where all pixels are ignored.

    >>> import torch
    >>> target = torch.tensor([[[0, 1]]])
    >>> sure = torch.tensor([[[[50.0, -50.0]], [[-50.0, 50.0]]]])
    >>> dice_loss(sure, target).item(), round(dice_loss(-sure, target).item(), 4)
    (0.0, 1.0)
    """
    probabilities = torch.softmax(logits, dim=1) * valid_positions(target)[:, None]
    masks = class_masks(target, logits.shape[1])
    shared = (probabilities * masks).sum(dim=(0, 2, 3))
    sizes = probabilities.square().sum(dim=(0, 2, 3)) + masks.sum(dim=(0, 2, 3))
    return 1 - ((2 * shared + SMOOTHING) / (sizes + SMOOTHING)).mean()
