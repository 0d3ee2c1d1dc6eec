"""What DisCoM-KD trains: a branch per modality and the classifiers that disentangle them."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import UserError
from methods.contract import Batch, Problem, Projection
from methods.discom_kd.loss import (
    Adversary,
    LossWeights,
    ModalityReduction,
    ModalityTargets,
    modality_classification_loss,
    orthogonality_loss,
    uniform_adversary_loss,
)
from methods.discom_kd.network import ModalityBranch, build_branch
from methods.learners.base import Learner
from methods.networks.gradient import scale_gradient
from methods.networks.initialisation import initial_weights

ADVERSARY_ACCURACY = "adversary_accuracy"
# Of the classifiers in the order in which `loss` asks them.
ACCURACIES = (ADVERSARY_ACCURACY, "modality_of_inf_accuracy", "modality_of_irr_accuracy")
LAST_EPOCHS = 5  # that the adversary is judged by
FOOLED = 0.5  # an accuracy below this part of the chance level is no noise about it


class DisCoMLearner(Learner):
    """The branches of all modalities, the auxiliary classifiers, and the loss.

    Beside the terms of the loss it notes how often each modality classifier is right, and the norm
    of z_inv: means over modalities.

    Args:
        problem: modalities, classes, networks and the seed of the initial weights.
        projection: the layers that make z_inv.
        weights: of the terms of the loss.
        targets: as for `modality_classification_loss`.
        reduction: what the modalities' terms become: equations 2 to 6 have their sum, the released
            code their mean.
        adversary: "reversal" is the paper's, "uniform" `uniform_adversary_loss`, whose targets are
            its own.
    """

    def __init__(
        self,
        problem: Problem,
        projection: Projection,
        weights: LossWeights,
        targets: ModalityTargets,
        reduction: ModalityReduction,
        adversary: Adversary,
    ) -> None:
        super().__init__()
        self._weights = weights
        self._targets = targets
        self._reduction = reduction
        self._adversary = adversary
        branches = {name: build_branch(problem, name, projection) for name in problem.channels}
        self.branches = nn.ModuleDict(branches)
        modalities, size = len(branches), _common_size(branches)
        with initial_weights(problem.seed, "auxiliary", *problem.channels):
            self.task_auxiliary = nn.Linear(size, problem.num_classes)
            self.modality_adversary = nn.Linear(size, modalities)
            self.modality_of_inf = nn.Linear(size, modalities)
            self.modality_of_irr = nn.Linear(size, modalities)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        task: list[Tensor] = []
        adversarial: list[Tensor] = []
        modality: list[Tensor] = []
        auxiliary: list[Tensor] = []
        orthogonality: list[Tensor] = []
        right: list[Tensor] = []
        norms: list[Tensor] = []
        for index, (name, branch) in enumerate(self.branches.items()):
            assert isinstance(branch, ModalityBranch)
            target = batch.targets[name]
            z = branch.embed(batch.inputs[name])
            task.append(F.cross_entropy(branch.classify(z), target))
            reversed_inv = scale_gradient(z.inv, -1.0)
            modality_logits = []
            for terms, classifier, embedding in (
                (adversarial, self.modality_adversary, reversed_inv),
                (modality, self.modality_of_inf, z.inf),
                (modality, self.modality_of_irr, z.irr),
            ):
                logits = classifier(embedding)
                if terms is adversarial and self._adversary == "uniform":
                    terms.append(uniform_adversary_loss(z.inv, self.modality_adversary, index))
                else:
                    terms.append(modality_classification_loss(logits, index, self._targets))
                modality_logits.append(logits)
            auxiliary.append(
                F.cross_entropy(self.task_auxiliary(z.inv), target)
                + F.cross_entropy(self.task_auxiliary(z.inf), target)
            )
            orthogonality.append(orthogonality_loss(z.inv, z.inf, z.irr))
            with torch.no_grad():
                right.append((torch.stack(modality_logits).argmax(2) == index).float().mean(1))
                norms.append(z.inv.norm(dim=1).mean())
        weights = self._weights
        terms_of_loss = {
            "task": self._reduce(task),
            "adversarial": weights.adversarial * self._reduce(adversarial),
            "modality": weights.modality * self._reduce(modality),
            "auxiliary": weights.auxiliary * self._reduce(auxiliary),
            "orthogonality": weights.orthogonality * self._reduce(orthogonality),
        }
        accuracies = torch.stack(right).mean(0).unbind()
        self.note(**terms_of_loss, **dict(zip(ACCURACIES, accuracies, strict=True)))
        self.note(z_inv_norm=torch.stack(norms).mean())
        task_term, *others = terms_of_loss.values()
        return sum(others, start=task_term)

    def _reduce(self, terms: Sequence[Tensor]) -> Tensor:
        stacked = torch.stack(list(terms))
        return stacked.sum() if self._reduction == "sum" else stacked.mean()

    def findings(self, term_curves: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
        """Whether the adversary lost: then nothing holds the adversarial term."""
        chance = 1 / len(self.branches)
        ended = fmean(term_curves[ADVERSARY_ACCURACY][-LAST_EPOCHS:])
        # The released targets ask the adversary for something else than the modality, and where it
        # is to be uniform there is a best that it can be made to do.
        asked = self._targets == "class_index" and self._adversary == "reversal"
        if not asked or ended >= FOOLED * chance:
            return ()
        return (
            f"the modality adversary ended far below the chance level of {chance:.2f}: "
            "z_inv fools it rather than hiding the modality, and the adversarial term can grow "
            "without bound",
        )

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


def _common_size(branches: Mapping[str, ModalityBranch]) -> int:
    """The number of values that the shared classifiers read of every modality.

    Raises:
        UserError: it is not the same for all.
    """
    sizes = {name: branch.part_size for name, branch in branches.items()}
    first, *others = dict.fromkeys(sizes.values())
    if others:
        listed = ", ".join(f"{2 * size} of {name}" for name, size in sizes.items())
        raise UserError(
            f"DisCoM-KD's modalities share classifiers, but their networks have embeddings of "
            f"different sizes: {listed}; choose networks with one size"
        )
    return first


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
