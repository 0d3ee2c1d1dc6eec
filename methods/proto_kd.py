"""ProtoKD: similarity of pixels to prototypes of their classes (Wang et al., ICASSP 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from core.lazy import F, torch
from methods.contract import IGNORED, SEGMENTATION
from methods.dice import dice_loss
from methods.feature_distillation import FeatureDistillationMethod
from methods.kd import kd_loss
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.targets import class_masks, cross_entropy, valid_positions

EPSILON = 1e-5  # least norm of a feature or prototype in a cosine, as in the released code

TaskLoss = Literal["cross_entropy", "released"]


def prototype_loss(
    student: torch.Tensor, teacher: torch.Tensor, target: torch.Tensor, num_classes: int
) -> torch.Tensor:
    """Mean squared difference of the student's and the teacher's similarity maps.

    A sample has a map for each class that its target holds: the cosine of every position's feature
    with the class's prototype, the mean feature of its positions. Source: Wang et al. (ICASSP
    2023), section 2.2. The released code keeps a class only where every sample of the batch holds
    it; here each sample has its own classes.

    Args:
        student: pre-logit features (B, D, h, w).
        teacher: the same shape.
        target: class indices (B, H, W), some of them `IGNORED`; the nearest one counts for a
            feature.
        num_classes: C.

    Returns:
        Scalar in [0, 4]; 0, without gradient, where all pixels are ignored.

    >>> import torch
    >>> maps, target = torch.rand(2, 3, 4, 4), torch.randint(0, 5, (2, 8, 8))
    >>> prototype_loss(maps, 2 * maps, target, 5).item() < 1e-6
    True
    """
    nearest = F.interpolate(
        target[:, None].to(student.dtype), student.shape[2:], mode="nearest-exact"
    )
    masks = class_masks(nearest[:, 0].long(), num_classes).flatten(2).to(student.dtype)
    present = masks.any(dim=2)
    difference = _similarity(student, masks) - _similarity(teacher, masks)
    per_class = difference.square().mean(dim=2)
    return (per_class * present).sum() / present.sum().clamp(min=1)


def _similarity(features: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Cosine of features (B, D, h, w) with the prototypes under masks (B, C, h w); as the masks."""
    positions = features.flatten(2)
    counts = masks.sum(dim=2, keepdim=True).clamp(min=1)
    prototypes = masks @ positions.transpose(1, 2) / counts
    unit_prototypes = F.normalize(prototypes, dim=2, eps=EPSILON)
    return unit_prototypes @ F.normalize(positions, dim=1, eps=EPSILON)


def frequency_weighted_cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in which a class weighs 1 minus its share of the batch's pixels.

    Source: the code released with Wang et al. (ICASSP 2023).

    Args:
        logits: (B, C, H, W).
        target: class indices (B, H, W), some of them `IGNORED`, which no share counts.

    Returns:
        Scalar, at least 0: the sum over pixels by that of their weights. It is 0, without gradient,
        where all pixels are ignored or of one class, which then weighs nothing.
    """
    counts = class_masks(target, logits.shape[1]).sum(dim=(0, 2, 3)).to(logits.dtype)
    weights = 1 - counts / counts.sum().clamp(min=1)
    losses = F.cross_entropy(logits, target, weights, ignore_index=IGNORED, reduction="none")
    total = (weights * counts).sum()
    return losses.sum() / torch.where(total > 0, total, 1)


@register_method
class ProtoKD(FeatureDistillationMethod):
    """CE + 10 KL of logits at T = 10 + 0.1 prototype_loss on the map before the logits.

    The KL is the mean over pixels and classes and not multiplied by T^2, as in the released code.
    `segmentation_loss` "released" is that code's Dice loss plus weighted cross-entropy.
    """

    name = "proto_kd"
    label = "ProtoKD"
    tasks = frozenset({SEGMENTATION})
    teacher_needs = ("pre_logits",)
    logits_weight: Annotated[float, LogUniform(1, 100)] = 10.0
    prototype_weight: Annotated[float, LogUniform(0.01, 1)] = 0.1
    temperature: Annotated[float, LogUniform(1, 20)] = 10.0
    segmentation_loss: TaskLoss = "cross_entropy"

    def task_loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if self.segmentation_loss == "cross_entropy":
            return cross_entropy(logits, target)
        return dice_loss(logits, target) + frequency_weighted_cross_entropy(logits, target)

    def distillation_terms(
        self,
        student: Mapping[str, torch.Tensor],
        teacher: Mapping[str, torch.Tensor],
        target: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        num_classes = student["logits"].shape[1]
        divergence = kd_loss(
            student["logits"], teacher["logits"], self.temperature, valid_positions(target)
        )
        logits = divergence / (self.temperature**2 * num_classes)
        prototypes = prototype_loss(
            student["pre_logits"], teacher["pre_logits"], target, num_classes
        )
        return {
            "logits": self.logits_weight * logits,
            "prototypes": self.prototype_weight * prototypes,
        }
