"""What each channel of a teacher has to do with what a student can know."""

from __future__ import annotations

from core.lazy import torch


def permutation_distances(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    teacher_embedding: torch.Tensor,
    head_weight: torch.Tensor,
    permutations: torch.Tensor,
) -> torch.Tensor:
    """How far teacher and student are apart when a channel is permuted among the samples.

    Source: Xue et al. (ICLR 2023), algorithm 1: the mean squared difference of the logits, mean
    over permutations. The larger it is, the more of what both modalities know is in the channel.
    The head is linear, so a permuted channel changes the logits by its difference times its column
    of the weights, and no forward pass is needed.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        teacher_embedding: input of the teacher's head, (B, D).
        head_weight: of that head, (C, D).
        permutations: orders of the samples, (R, B), int64.

    Returns:
        (D,), without the distance of the unpermuted teacher, which all channels have in common.

    >>> import torch
    >>> embedding = torch.tensor([[1.0, 3.0, 2.0], [2.0, 3.0, 0.0]])
    >>> weight = torch.tensor([[1.0, 1.0, 1.0], [0.0, 1.0, -1.0]])
    >>> logits = embedding @ weight.T
    >>> permutation_distances(logits, logits, embedding, weight, torch.tensor([[1, 0]]))
    tensor([0.5000, 0.0000, 4.0000])
    """
    residual = (student_logits - teacher_logits) @ head_weight  # (B, D)
    distances = torch.zeros_like(head_weight[0])
    for order in permutations:
        change = teacher_embedding[order] - teacher_embedding
        # |r - change * column|^2 of each sample and channel without |r|^2
        grown = change.square() * head_weight.square().sum(0) - 2 * change * residual
        distances = distances + grown.mean(0) / head_weight.shape[0]
    return distances / len(permutations)
