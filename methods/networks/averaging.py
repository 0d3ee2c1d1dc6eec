"""Several networks that answer as one."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks.embedding import PENULTIMATE, penultimate
from methods.networks.properties import modalities_of


class Averaging(nn.Module):
    """The mean of the class probabilities of several networks.

    Args:
        members: one or more networks of the same modalities, classes and output shape.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.modalities = modalities_of(members[0])

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Logarithms of the mean probabilities, (B, classes), whose softmax is that mean."""
        own = [F.log_softmax(member(inputs), dim=1) for member in self.members]
        return torch.stack(own).logsumexp(dim=0) - math.log(len(own))

    def named_embeddings(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The members' embeddings one after another, (B, sum of D): all that the mean rests on."""
        own = [penultimate(member, inputs) for member in self.members]
        return {PENULTIMATE: torch.cat(own, dim=1)}
