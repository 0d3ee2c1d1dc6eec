"""The terms of CroDiNo-KD's loss that are its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.lazy import F, torch

Orthogonality = Literal["signed", "squared"]


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms of equation 9 beside the segmentation's, whose weight is 1.

    A term of weight 0 is not computed, and what it alone trains is not built.
    """

    orthogonality: float
    contrastive: float
    auxiliary: float


def feature_mixup(own: torch.Tensor, other: torch.Tensor, weight: float = 0.35) -> torch.Tensor:
    """(1 - weight) own + weight other. Source: the CroDiNo-KD paper, equation 3.

    Args:
        own: invariant features of a modality (B, D, h, w).
        other: those of the other modality, the same shape.
        weight: lambda in [0, 1].
    """
    return (1 - weight) * own + weight * other


def orthogonality_loss(
    invariant: torch.Tensor, specific: torch.Tensor, orthogonality: Orthogonality = "signed"
) -> torch.Tensor:
    """One modality's part of L_orth: the cosine of the two halves, mean over positions.

    Source: the CroDiNo-KD paper, equation 5, signed as printed.

    Args:
        invariant: (B, D, h, w).
        specific: the same shape.
        orthogonality: "squared" takes the square of each cosine, whose least value is at right
            angles whatever the features; that of the signed one is so only where they are not
            negative.

    Returns:
        Scalar in [-1, 1], or in [0, 1] if squared.

    >>> import torch
    >>> maps = torch.ones(1, 2, 3, 3)
    >>> round(orthogonality_loss(maps, -maps).item(), 4)
    -1.0
    """
    cosines = F.cosine_similarity(invariant, specific, dim=1)
    return (cosines.square() if orthogonality == "squared" else cosines).mean()


def contrastive_loss(invariant: Sequence[torch.Tensor], temperature: float = 0.07) -> torch.Tensor:
    """InfoNCE between the modalities' embeddings of one batch, summed over anchor modalities.

    The similarity of two embeddings, spatial means that are normalised, is their negative distance
    by the temperature. An anchor's positive is the same sample in the other modality; the
    denominator has all embeddings of the batch in both modalities but the anchor. Source: the
    CroDiNo-KD paper, equations 6 and 7.

    Args:
        invariant: per modality, invariant features (B, D, h, w). Of three modalities or more, each
            pair is taken as anchor and positive.
        temperature: tau > 0.

    Returns:
        Scalar, at least 0: for each anchor and positive modality the mean over samples, all summed.

    >>> import torch
    >>> near, far = torch.eye(2)[:, :, None, None], torch.eye(2).flip(0)[:, :, None, None]
    >>> contrastive_loss([near, near]).item() < 1e-6 < contrastive_loss([near, far]).item()
    True
    """
    embeddings = torch.stack([F.normalize(maps.mean(dim=(2, 3)), dim=1) for maps in invariant])
    modalities, samples, _ = embeddings.shape
    together = embeddings.flatten(0, 1)
    # cdist has a gradient of 0 where two embeddings are equal, as an anchor is to itself; by way of
    # a matrix product, distances of near embeddings would be lost to rounding.
    distances = torch.cdist(together, together, compute_mode="donot_use_mm_for_euclid_dist")
    anchors = torch.eye(len(together), dtype=torch.bool, device=together.device)
    similarity = (-distances / temperature).masked_fill(anchors, -torch.inf)
    # (anchor's modality, the other's, samples), of which the anchor's own modality is no positive.
    log_share = similarity.log_softmax(dim=1).view(modalities, samples, modalities, samples)
    positives = log_share.diagonal(dim1=1, dim2=3).mean(dim=2)
    itself = torch.eye(modalities, dtype=torch.bool, device=together.device)
    return -positives.masked_fill(itself, 0).sum()
