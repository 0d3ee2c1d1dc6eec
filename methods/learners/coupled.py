"""Networks that are trained at once and drawn towards each other."""

from collections.abc import Mapping
from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.contract import Batch
from methods.learners.base import Learner


class CoupledLearner(Learner):
    """The cross-entropy of each network, and the mean squared difference of logits of each pair.

    Args:
        networks: by the names of their deployments, each as `Learner.deployments` describes it.
    """

    def __init__(self, networks: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleDict(networks)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        logits = [network(batch.inputs) for network in self.networks.values()]
        task = torch.stack([F.cross_entropy(own, batch.target) for own in logits]).sum()
        distance = torch.stack([F.mse_loss(*pair) for pair in combinations(logits, 2)]).sum()
        self.note(task=task, distance=distance)
        return task + distance

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return dict(self.networks.items())
