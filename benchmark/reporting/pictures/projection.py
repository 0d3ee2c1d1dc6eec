"""Embeddings in the plane: principal components, or t-SNE."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from core.errors import UserError

FEWEST = 4  # points that t-SNE, with a perplexity of 1, can tell neighbours of
PERPLEXITY = 30.0


class Projection(StrEnum):
    """How embeddings become points: linearly, or so that neighbours stay neighbours."""

    PCA = "pca"
    TSNE = "tsne"

    @property
    def label(self) -> str:
        """As figures write it."""
        return "PCA" if self is Projection.PCA else "t-SNE"


@dataclass(frozen=True)
class Points:
    """Embeddings in the plane.

    Attributes:
        places: (n, 2).
        explained: share of the variance that the plane holds, in [0, 1]; None for t-SNE, whose
            distances between groups mean nothing.
    """

    places: NDArray[np.float64]
    explained: float | None


def project(embeddings: NDArray[np.float32], projection: Projection) -> Points:
    """Put embeddings (n, D) into the plane; equal embeddings give equal points.

    Source of t-SNE: van der Maaten and Hinton, JMLR 9:2579-2605 (2008). It starts from the
    principal components, with a perplexity of 30, or a third of the other points where few.

    Raises:
        UserError: fewer than 4 embeddings, or of fewer than 2 values.
    """
    count, size = embeddings.shape
    if count < FEWEST or size < 2:
        raise UserError(
            f"{count} embeddings of {size} values cannot be drawn, expected at least {FEWEST} of "
            "2; show a run with more test samples or a wider network"
        )
    values = embeddings.astype(np.float64)
    if projection is Projection.PCA:
        analysis = PCA(2, svd_solver="full")
        places = analysis.fit_transform(values)
        return Points(places, float(np.nan_to_num(analysis.explained_variance_ratio_).sum()))
    perplexity = min(PERPLEXITY, (count - 1) / 3)
    found = TSNE(2, perplexity=perplexity, init="pca", random_state=0).fit_transform(values)
    return Points(found.astype(np.float64), None)
