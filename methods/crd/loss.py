"""Telling a sample's own row of a memory bank from those of other classes."""

from __future__ import annotations

import math

from core.lazy import F, torch

_EPSILON = 1e-7  # of the released code, in the denominators


def contrast_loss(
    embedding: torch.Tensor,
    bank: torch.Tensor,
    samples: torch.Tensor,
    negatives: torch.Tensor,
    count: int,
    constant: torch.Tensor,
    temperature: float = 0.07,
) -> torch.Tensor:
    """Noise-contrastive loss of one network's embeddings against the other's memory bank.

    Source: Tian et al. (ICLR 2020), equations 17 and 18. With p = exp(<row, embedding> / T) / Z,
    K negatives and N rows it is minus log p / (p + K / N) of the sample's own row, and minus the
    sum over its negatives of log (K / N) / (p + K / N); mean over the batch.

    Args:
        embedding: (B, D), rows of length 1.
        bank: (N, D), rows of length 1.
        samples: the embeddings' own rows, (B,), int64.
        negatives: how often each row is a negative of each sample, (B, N), K in each row.
        count: K.
        constant: Z, a scalar; see `normaliser`.
        temperature: T > 0.

    Returns:
        Scalar, at least 0.
    """
    rows = len(bank)
    # With the released epsilon both logarithms are those of a logistic function, shifted by this.
    added = math.log1p(_EPSILON * rows / count)
    scores = embedding @ bank.T / temperature + (math.log(rows / count) - added) - constant.log()
    own = F.softplus(-scores.gather(1, samples[:, None])).sum()
    others = (negatives * F.softplus(scores)).sum()
    return (own + others) / len(embedding) + count * added


def normaliser(
    embedding: torch.Tensor,
    bank: torch.Tensor,
    samples: torch.Tensor,
    negatives: torch.Tensor,
    count: int,
    temperature: float = 0.07,
) -> torch.Tensor:
    """Z, a scalar: N times the mean of exp(<row, embedding> / T) over own rows and negatives.

    Arguments are those of `contrast_loss`. It is taken from the first batch and kept.
    """
    exponentials = torch.exp(embedding @ bank.T / temperature)
    total = exponentials.gather(1, samples[:, None]).sum() + (negatives * exponentials).sum()
    return total / (len(embedding) * (count + 1)) * len(bank)
