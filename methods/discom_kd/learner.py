"""What DisCoM-KD trains: a branch per modality and the classifiers that disentangle them."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.contract import Batch, Problem, Projection
from methods.discom_kd.loss import (
    LossWeights,
    ModalityReduction,
    ModalityTargets,
    modality_classification_loss,
    orthogonality_loss,
)
from methods.discom_kd.network import HALF, ModalityBranch, build_branch
from methods.learners.base import Learner
from methods.networks.gradient import scale_gradient
from methods.networks.initialisation import initial_weights


class DisCoMLearner(Learner):
    """The branches of all modalities, the auxiliary classifiers, and the loss.

    Args:
        problem: modalities, classes and the seed of the initial weights.
        projection: the layers that make z_inv.
        weights: of the terms of the loss.
        targets: as for `modality_classification_loss`.
        reduction: what the modalities' terms become: equations 2 to 6 have their sum, the released
            code their mean.
    """

    def __init__(
        self,
        problem: Problem,
        projection: Projection,
        weights: LossWeights,
        targets: ModalityTargets,
        reduction: ModalityReduction,
    ) -> None:
        super().__init__()
        self._weights = weights
        self._targets = targets
        self._reduction = reduction
        branches = {}
        for modality, channels in problem.channels.items():
            branches[modality] = build_branch(
                modality, channels, problem.num_classes, projection, problem.seed
            )
        self.branches = nn.ModuleDict(branches)
        modalities = len(problem.channels)
        with initial_weights(problem.seed, "auxiliary", *problem.channels):
            self.task_auxiliary = nn.Linear(HALF, problem.num_classes)
            self.modality_adversary = nn.Linear(HALF, modalities)
            self.modality_of_inf = nn.Linear(HALF, modalities)
            self.modality_of_irr = nn.Linear(HALF, modalities)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        task: list[Tensor] = []
        adversarial: list[Tensor] = []
        modality: list[Tensor] = []
        auxiliary: list[Tensor] = []
        orthogonality: list[Tensor] = []
        for index, (name, branch) in enumerate(self.branches.items()):
            assert isinstance(branch, ModalityBranch)
            target = batch.targets[name]
            z = branch.embed(batch.inputs[name])
            task.append(F.cross_entropy(branch.classify(z), target))
            reversed_inv = scale_gradient(z.inv, -1.0)
            for terms, classifier, embedding in (
                (adversarial, self.modality_adversary, reversed_inv),
                (modality, self.modality_of_inf, z.inf),
                (modality, self.modality_of_irr, z.irr),
            ):
                logits = classifier(embedding)
                terms.append(modality_classification_loss(logits, index, self._targets))
            auxiliary.append(
                F.cross_entropy(self.task_auxiliary(z.inv), target)
                + F.cross_entropy(self.task_auxiliary(z.inf), target)
            )
            orthogonality.append(orthogonality_loss(z.inv, z.inf, z.irr))
        weights = self._weights
        return (
            self._reduce(task)
            + weights.adversarial * self._reduce(adversarial)
            + weights.modality * self._reduce(modality)
            + weights.auxiliary * self._reduce(auxiliary)
            + weights.orthogonality * self._reduce(orthogonality)
        )

    def _reduce(self, terms: Sequence[Tensor]) -> Tensor:
        stacked = torch.stack(list(terms))
        return stacked.sum() if self._reduction == "sum" else stacked.mean()

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return dict(self.branches.items())

    def probes(self) -> dict[str, dict[str, nn.Module]]:
        """The auxiliary task head on one embedding of the complete model: rows of table 4."""
        return {
            modality: {
                "only_inv": _EmbeddingProbe(branch, self.task_auxiliary, "inv"),
                "only_inf": _EmbeddingProbe(branch, self.task_auxiliary, "inf"),
            }
            for modality, branch in self.branches.items()
            if isinstance(branch, ModalityBranch)
        }


class _EmbeddingProbe(nn.Module):
    """Classifies by one embedding of a branch."""

    def __init__(
        self, branch: ModalityBranch, head: nn.Linear, embedding: Literal["inv", "inf"]
    ) -> None:
        super().__init__()
        self.modalities = branch.modalities
        self.branch = branch
        self.head = head
        self._embedding = embedding

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        embeddings = self.branch.embed(inputs[self.modalities[0]])
        logits: Tensor = self.head(getattr(embeddings, self._embedding))
        return logits
