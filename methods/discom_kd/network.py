"""What DisCoM-KD deploys for one modality: two encoders, a projection and a task head."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from methods.contract import Projection
from methods.networks.encoder import EMBEDDING_SIZE, Encoder
from methods.networks.initialisation import initial_weights

HALF = EMBEDDING_SIZE // 2  # D of the paper: each of z_inv, z_inf, z_irr has 256 values


@dataclass(frozen=True)
class Embeddings:
    """The three embeddings of one modality's batch, each (B, 256)."""

    inv: Tensor
    inf: Tensor
    irr: Tensor


class ModalityBranch(nn.Module):
    """What is deployed for one modality: two encoders, the projection and the task head.

    The specific encoder's embedding holds z_inf in its first half and z_irr in its second; z_inv is
    the projected embedding of the invariant encoder. Source: DisCoM-KD, figure 2.
    """

    def __init__(
        self, modality: str, channels: int, num_classes: int, projection: Projection
    ) -> None:
        super().__init__()
        self.modalities = (modality,)
        self.specific = Encoder(channels)
        self.invariant = Encoder(channels)
        layers: list[nn.Module] = [nn.Linear(EMBEDDING_SIZE, HALF)]
        if projection == "linear_bn_relu":
            layers += [nn.BatchNorm1d(HALF), nn.ReLU()]
        self.projection = nn.Sequential(*layers)
        self.head = nn.Linear(2 * HALF, num_classes)

    def embed(self, images: Tensor) -> Embeddings:
        """Map images (B, C, H, W) to the three embeddings."""
        z_inf, z_irr = self.specific(images).split(HALF, dim=1)
        return Embeddings(self.projection(self.invariant(images)), z_inf, z_irr)

    def classify(self, embeddings: Embeddings) -> Tensor:
        """Logits (B, classes) of the task head on [z_inv ; z_inf]."""
        logits: Tensor = self.head(torch.cat([embeddings.inv, embeddings.inf], dim=1))
        return logits

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return self.classify(self.embed(inputs[self.modalities[0]]))


def build_branch(
    modality: str, channels: int, num_classes: int, projection: Projection, seed: int
) -> ModalityBranch:
    """Build a branch with the initial weights of `seed`; equal in every method that uses one."""
    with initial_weights(seed, "branch", modality):
        return ModalityBranch(modality, channels, num_classes, projection)
