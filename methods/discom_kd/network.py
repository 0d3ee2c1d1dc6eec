"""What DisCoM-KD deploys for one modality: two encoders, a projection and a task head."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import UserError
from methods.contract import Problem, Projection
from methods.networks.choice import build_encoder
from methods.networks.classifier import size_of
from methods.networks.initialisation import initial_weights


@dataclass(frozen=True)
class Embeddings:
    """The three embeddings of one modality's batch, each (B, D); D = 256 with ResNet-18."""

    inv: Tensor
    inf: Tensor
    irr: Tensor


class ModalityBranch(nn.Module):
    """What is deployed for one modality: two encoders, the projection and the task head.

    The specific encoder's embedding holds z_inf in its first half and z_irr in its second; z_inv is
    the projected embedding of the invariant encoder. Source: DisCoM-KD, figure 2.

    Attributes:
        part_size: D of the paper, values of each embedding; 256 with its ResNet-18.
    """

    def __init__(
        self,
        modality: str,
        channels: int,
        num_classes: int,
        projection: Projection,
        choice: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.modalities = (modality,)
        self.specific = build_encoder(choice, channels)
        self.invariant = build_encoder(choice, channels)
        size = size_of(self.specific)
        self.part_size = size // 2
        if size % 2:
            raise UserError(
                f"the network of {modality} has embeddings of {size} values, which DisCoM-KD "
                "cannot halve; choose a width with an even number"
            )
        layers: list[nn.Module] = [nn.Linear(size, self.part_size)]
        if projection == "linear_bn_relu":
            layers += [nn.BatchNorm1d(self.part_size), nn.ReLU()]
        self.projection = nn.Sequential(*layers)
        self.head = nn.Linear(2 * self.part_size, num_classes)

    def embed(self, images: Tensor) -> Embeddings:
        """Map images (B, C, H, W) to the three embeddings."""
        z_inf, z_irr = self.specific(images).split(self.part_size, dim=1)
        return Embeddings(self.projection(self.invariant(images)), z_inf, z_irr)

    def classify(self, embeddings: Embeddings) -> Tensor:
        """Logits (B, classes) of the task head on [z_inv ; z_inf]."""
        logits: Tensor = self.head(torch.cat([embeddings.inv, embeddings.inf], dim=1))
        return logits

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return self.classify(self.embed(inputs[self.modalities[0]]))

    def named_embeddings(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The three embeddings, each (B, D), in the space that classifiers of all branches read."""
        z = self.embed(inputs[self.modalities[0]])
        return {"invariant": z.inv, "informative": z.inf, "irrelevant": z.irr}


def build_branch(problem: Problem, modality: str, projection: Projection) -> ModalityBranch:
    """Build a modality's branch with the initial weights of the problem's seed.

    It is equal in every method that uses one.

    Raises:
        UserError: the modality's network has embeddings that cannot be halved.
    """
    channels, choice = problem.channels[modality], problem.network.get(modality, {})
    with initial_weights(problem.seed, "branch", modality):
        return ModalityBranch(modality, channels, problem.num_classes, projection, choice)
