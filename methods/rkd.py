"""RKD: relational knowledge distillation (Park et al., CVPR 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from core.lazy import F, torch
from methods.feature_distillation import FeatureDistillationMethod
from methods.registry import register_method
from methods.search_space import LogUniform

_SMALLEST = 1e-12  # of squared distances between different samples


def rkd_loss(
    student_embedding: torch.Tensor,
    teacher_embedding: torch.Tensor,
    distance_weight: float = 25.0,
    angle_weight: float = 50.0,
) -> torch.Tensor:
    """How the samples of a batch lie to each other: distances of pairs, angles of triples.

    Source: Park et al. (CVPR 2019). Distances are divided by their mean over all pairs; of the
    angle that samples j and k make at sample i it takes the cosine. Both are compared by the smooth
    L1 loss, mean over all B^2 pairs and B^3 triples.

    Args:
        student_embedding: (B, D), B >= 2.
        teacher_embedding: (B, E).
        distance_weight: weight of the distances.
        angle_weight: weight of the angles.

    Returns:
        Scalar, at least 0.

    >>> import torch
    >>> corners = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> round(rkd_loss(3 * corners, corners.flip(1)).item(), 4)
    0.0
    """
    student_distances, student_cosines = _relations(student_embedding)
    teacher_distances, teacher_cosines = _relations(teacher_embedding)
    distances = F.smooth_l1_loss(student_distances, teacher_distances)
    angles = F.smooth_l1_loss(student_cosines, teacher_cosines)
    return distance_weight * distances + angle_weight * angles


def _relations(embedding: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Relative distances (B, B) and cosines (B, B, B), 0 where samples coincide by their index.

    All come from inner products: the differences of all pairs are D times as many numbers.
    """
    size = len(embedding)
    centred = embedding - embedding.mean(dim=0)  # no relation changes, and rounding errors shrink
    products = centred @ centred.T
    squares = products.diagonal()
    different = 1 - torch.eye(size, dtype=products.dtype, device=products.device)
    distances = (squares[:, None] + squares - 2 * products).clamp(min=_SMALLEST).sqrt() * different
    # <x_j - x_i, x_k - x_i>, divided by both lengths
    inner = products - products[:, :, None] - products[:, None, :] + squares[:, None, None]
    lengths = distances + (1 - different)
    inverse = different / lengths
    cosines = inner * inverse[:, :, None] * inverse[:, None, :]
    mean = distances.sum() / (size * (size - 1))
    return distances / mean, cosines


@register_method
class RKD(FeatureDistillationMethod):
    """CE + rkd_loss of the embeddings."""

    name = "rkd"
    label = "RKD"
    teacher_needs = ("embedding",)
    distils_logits = False
    distance_weight: Annotated[float, LogUniform(2.5, 250)] = 25.0
    angle_weight: Annotated[float, LogUniform(5, 500)] = 50.0
    task_weight: float = 1.0

    def distillation_terms(
        self,
        student: Mapping[str, torch.Tensor],
        teacher: Mapping[str, torch.Tensor],
        target: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        return {
            "distillation": rkd_loss(
                student["embedding"],
                teacher["embedding"],
                self.distance_weight,
                self.angle_weight,
            )
        }
