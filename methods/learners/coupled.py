"""Networks that are trained at once and drawn towards each other."""

from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional as F

from methods.contract import Batch
from methods.learners.side_by_side import SideBySideLearner


class CoupledLearner(SideBySideLearner):
    """Networks of the same samples, with the mean squared difference of logits of each pair.

    They are by the names of their deployments, and may read several modalities.
    """

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        logits = [network(batch.inputs) for network in self.networks.values()]
        task = torch.stack([F.cross_entropy(own, batch.target) for own in logits]).sum()
        distance = torch.stack([F.mse_loss(*pair) for pair in combinations(logits, 2)]).sum()
        self.note(task=task, distance=distance)
        return task + distance
