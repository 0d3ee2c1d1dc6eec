"""What modality dropout trains: one network of all modalities that must do with fewer."""

from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.contract import Batch, Problem, deployment_name
from methods.learners.base import Learner
from methods.networks.classifier import build_classifier


class ModalityDropoutLearner(Learner):
    """The multi-modal TEACHER's network, each modality of a sample left out at random.

    A missing modality's embedding is left out of the sum that the head reads, in training as in
    evaluation. Every subset of the modalities is a deployment, which reads its own alone and has a
    best checkpoint of its own.

    Args:
        problem: modalities, classes and the seed of the initial weights.
        rate: the probability that a sample lacks a modality, in [0, 1). One that would lack all
            keeps one of them.
    """

    def __init__(self, problem: Problem, rate: float) -> None:
        super().__init__()
        self.network = build_classifier(
            problem.channels, problem.num_classes, problem.seed, problem.network
        )
        self._rate = rate

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        if self._rate:
            embeddings = self.network.embeddings(batch.inputs)
            kept = _kept(torch.rand(embeddings.shape[:2], device=embeddings.device), self._rate)
            logits = self.network.head((embeddings * kept[:, :, None]).sum(0))
        else:
            logits = self.network(batch.inputs)
        loss = F.cross_entropy(logits, batch.target)
        self.note(task=loss)
        return loss

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        names = self.network.modalities
        subsets = [one for count in range(1, len(names)) for one in combinations(names, count)]
        networks: dict[str, nn.Module] = {"+".join(one): self.network.over(one) for one in subsets}
        return {**networks, deployment_name(names): self.network}


def _kept(draws: Tensor, rate: float) -> Tensor:
    """Which modality of which sample stays: 1 or 0, float, (M, B).

    Args:
        draws: as many numbers in [0, 1).
        rate: those below it are dropped; of a sample that would lose all, the largest stays.
    """
    return ((draws >= rate) | (draws == draws.amax(0))).to(draws.dtype)
