"""DisCoM-KD: disentangled, adversarial, joint training (Ienco & Dantas, BMVC 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from methods.base import Kind, Method, Problem, Sampling
from methods.registry import register_method

if TYPE_CHECKING:
    from torch import Tensor

    from methods.learners.base import Learner
    from methods.plugins import Plugin

Projection = Literal["linear", "linear_bn_relu"]
ModalityTargets = Literal["class_index", "released"]
ModalityReduction = Literal["sum", "mean"]


def orthogonality_loss(z_inv: Tensor, z_inf: Tensor, z_irr: Tensor) -> Tensor:
    """One modality's part of L_orth: mean cosine of (inv, inf) plus mean cosine of (inf, irr).

    Source: DisCoM-KD, equation 6, signed as printed.

    Args:
        z_inv: modality-invariant embeddings (B, D).
        z_inf: modality-informative embeddings (B, D).
        z_irr: modality-irrelevant embeddings (B, D).

    Returns:
        Scalar in [-2, 2].
    """
    from torch.nn import functional as F

    invariant = F.cosine_similarity(z_inv, z_inf, dim=1).mean()
    irrelevant = F.cosine_similarity(z_inf, z_irr, dim=1).mean()
    return invariant + irrelevant


def modality_classification_loss(
    logits: Tensor, modality: int, targets: ModalityTargets = "class_index"
) -> Tensor:
    """Cross-entropy of a modality classifier: one term of equations 3 and 4 of DisCoM-KD.

    Args:
        logits: (B, M), M the number of modalities.
        modality: index of the modality that the batch comes from, in [0, M).
        targets: "class_index" is the equation. "released" is what the released code computes: the
            index is used as the probability of every class, so the first modality (its index is
            written 1 there) is pushed to uniform and the second (0) gives no gradient.

    Returns:
        Scalar, at least 0.

    Raises:
        ValueError: "released" targets with other than two modalities, where they are undefined.
    """
    import torch
    from torch.nn import functional as F

    batch, count = logits.shape
    if targets == "class_index":
        return F.cross_entropy(logits, logits.new_full((batch,), modality, dtype=torch.long))
    if count != 2:
        raise ValueError(f"released modality targets are defined for 2 modalities, not {count}")
    return F.cross_entropy(logits, torch.full_like(logits, 1.0 - modality))


@register_method
class DisCoMKD(Method):
    """Joint training of one model per modality, equations 2 to 7, all weights 1.

    Each modality is shuffled and augmented on its own, and selects its own checkpoint.
    """

    name = "discom_kd"
    label = "DisCoM-KD"
    kind = Kind.JOINT
    sampling = Sampling.INDEPENDENT
    encoders_per_modality = 2
    probes = ("only_inv", "only_inf")
    switches = {
        "projection": "projection",
        "modality_targets": "modality_targets",
        "modality_reduction": "modality_reduction",
    }
    adversarial_weight: float = 1.0
    modality_weight: float = 1.0
    auxiliary_weight: float = 1.0
    orthogonality_weight: float = 1.0
    projection: Projection = "linear"
    modality_targets: ModalityTargets = "class_index"
    modality_reduction: ModalityReduction = "sum"

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        from methods.learners.discom_kd import DisCoMLearner

        return DisCoMLearner(self, problem)
