"""DisCoM-KD: disentangled, adversarial, joint training (Ienco & Dantas, BMVC 2024)."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.base import Batch, Kind, Learner, Method, Problem, Sampling
from methods.gradient import scale_gradient
from methods.networks.branch import HALF, ModalityBranch, Projection, build_branch
from methods.networks.initialisation import initial_weights
from methods.plugins import Plugin
from methods.registry import register_method

ModalityTargets = Literal["class_index", "released"]
ModalityReduction = Literal["sum", "mean"]


def orthogonality_loss(z_inv: Tensor, z_inf: Tensor, z_irr: Tensor) -> Tensor:
    """One modality's part of L_orth: mean cosine of (inv, inf) plus mean cosine of (inf, irr).

    Source: DisCoM-KD, equation 6, signed as printed.

    Args:
        z_inv: modality-invariant embeddings (B, D).
        z_inf: modality-informative embeddings (B, D).
        z_irr: modality-irrelevant embeddings (B, D).

    Returns:
        Scalar in [-2, 2].
    """
    invariant = F.cosine_similarity(z_inv, z_inf, dim=1).mean()
    irrelevant = F.cosine_similarity(z_inf, z_irr, dim=1).mean()
    return invariant + irrelevant


def modality_classification_loss(
    logits: Tensor, modality: int, targets: ModalityTargets = "class_index"
) -> Tensor:
    """Cross-entropy of a modality classifier: one term of equations 3 and 4 of DisCoM-KD.

    Args:
        logits: (B, M), M the number of modalities.
        modality: index of the modality that the batch comes from, in [0, M).
        targets: "class_index" is the equation. "released" is what the released code computes: the
            index is used as the probability of every class, so the first modality (its index is
            written 1 there) is pushed to uniform and the second (0) gives no gradient.

    Returns:
        Scalar, at least 0.

    Raises:
        ValueError: "released" targets with other than two modalities, where they are undefined.
    """
    batch, count = logits.shape
    if targets == "class_index":
        return F.cross_entropy(logits, logits.new_full((batch,), modality, dtype=torch.long))
    if count != 2:
        raise ValueError(f"released modality targets are defined for 2 modalities, not {count}")
    return F.cross_entropy(logits, torch.full_like(logits, 1.0 - modality))


@register_method
class DisCoMKD(Method):
    """Joint training of one model per modality, equations 2 to 7, all weights 1.

    Each modality is shuffled and augmented on its own, and selects its own checkpoint.
    """

    name = "discom_kd"
    label = "DisCoM-KD"
    kind = Kind.JOINT
    sampling = Sampling.INDEPENDENT
    encoders_per_modality = 2
    probes = ("only_inv", "only_inf")
    switches = {
        "projection": "projection",
        "modality_targets": "modality_targets",
        "modality_reduction": "modality_reduction",
    }
    adversarial_weight: float = 1.0
    modality_weight: float = 1.0
    auxiliary_weight: float = 1.0
    orthogonality_weight: float = 1.0
    projection: Projection = "linear"
    modality_targets: ModalityTargets = "class_index"
    modality_reduction: ModalityReduction = "sum"

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return DisCoMLearner(self, problem)


class DisCoMLearner(Learner):
    """The branches of all modalities, the auxiliary classifiers, and the loss."""

    def __init__(self, method: DisCoMKD, problem: Problem) -> None:
        super().__init__()
        self._method = method
        branches = {}
        for modality, channels in problem.channels.items():
            branches[modality] = build_branch(
                modality, channels, problem.num_classes, method.projection, problem.seed
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
        targets = self._method.modality_targets
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
                terms.append(modality_classification_loss(classifier(embedding), index, targets))
            auxiliary.append(
                F.cross_entropy(self.task_auxiliary(z.inv), target)
                + F.cross_entropy(self.task_auxiliary(z.inf), target)
            )
            orthogonality.append(orthogonality_loss(z.inv, z.inf, z.irr))
        method = self._method
        return (
            self._reduce(task)
            + method.adversarial_weight * self._reduce(adversarial)
            + method.modality_weight * self._reduce(modality)
            + method.auxiliary_weight * self._reduce(auxiliary)
            + method.orthogonality_weight * self._reduce(orthogonality)
        )

    def _reduce(self, terms: Sequence[Tensor]) -> Tensor:
        """Sum the terms as equations 2 to 6 do, or take the released code's mean of them."""
        stacked = torch.stack(list(terms))
        return stacked.sum() if self._method.modality_reduction == "sum" else stacked.mean()

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
