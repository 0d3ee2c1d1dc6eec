"""The terms of DisCoM-KD's loss that are its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.lazy import F, torch

ModalityTargets = Literal["class_index", "released"]
ModalityReduction = Literal["sum", "mean"]
Adversary = Literal["reversal", "uniform"]


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms of equation 7 beside the task's, whose weight is 1."""

    adversarial: float
    modality: float
    auxiliary: float
    orthogonality: float


def orthogonality_loss(
    z_inv: torch.Tensor, z_inf: torch.Tensor, z_irr: torch.Tensor
) -> torch.Tensor:
    """One modality's part of L_orth: mean cosine of (inv, inf) plus mean cosine of (inf, irr).

    Source: DisCoM-KD, equation 6, signed as printed.

    Args:
        z_inv: modality-invariant embeddings (B, D).
        z_inf: modality-informative embeddings (B, D).
        z_irr: modality-irrelevant embeddings (B, D).

    Returns:
        Scalar in [-2, 2].
    """
    invariant = F.cosine_similarity(z_inv, z_inf, dim=1).mean()
    irrelevant = F.cosine_similarity(z_inf, z_irr, dim=1).mean()
    return invariant + irrelevant


def modality_classification_loss(
    logits: torch.Tensor, modality: int, targets: ModalityTargets = "class_index"
) -> torch.Tensor:
    """Cross-entropy of a modality classifier: one term of equations 3 and 4 of DisCoM-KD.

    Args:
        logits: (B, M), M the number of modalities.
        modality: index of the modality that the batch comes from, in [0, M).
        targets: "class_index" is the equation. "released" is what the released code computes: the
            index is used as the probability of every class, so the first modality (its index is
            written 1 there) is pushed to uniform and the second (0) gives no gradient. Of one
            modality alone both are 0.

    Returns:
        Scalar, at least 0.

    Raises:
        ValueError: "released" targets with more than two modalities, where they are undefined.
    """
    batch, count = logits.shape
    if targets == "class_index":
        return F.cross_entropy(logits, logits.new_full((batch,), modality, dtype=torch.long))
    if count > 2:
        raise ValueError(
            f"released modality targets are defined for at most 2 modalities, not {count}"
        )
    return F.cross_entropy(logits, torch.full_like(logits, 1.0 - modality))


def uniform_adversary_loss(
    z_inv: torch.Tensor, adversary: torch.nn.Linear, modality: int
) -> torch.Tensor:
    """The adversarial term without a gradient reversal: z_inv tells nothing of its modality.

    The adversary learns to tell the modality by cross-entropy, and the embedding makes it give all
    modalities the same probability, by cross-entropy to the uniform distribution. Reversed, the
    gradient grows where the adversary is wrong, and with more than two modalities z_inv may just
    pass for one of the others; here equal probabilities are the best that it can reach.

    Source: the domain confusion of Tzeng et al. (ICCV 2015), equations 3 and 4; not in the
    DisCoM-KD paper, whose section 5 leaves more than two modalities open.

    Args:
        z_inv: modality-invariant embeddings (B, D).
        adversary: D -> M modalities.
        modality: index of the modality that the batch comes from, in [0, M).

    Returns:
        Scalar, at least log(M): the sum of both cross-entropies.
    """
    told = modality_classification_loss(adversary(z_inv.detach()), modality)
    bias = None if adversary.bias is None else adversary.bias.detach()
    logits = F.linear(z_inv, adversary.weight.detach(), bias)
    return told + F.cross_entropy(logits, torch.full_like(logits, 1 / logits.shape[1]))
