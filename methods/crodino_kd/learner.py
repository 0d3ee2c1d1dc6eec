"""What CroDiNo-KD trains: a branch per modality and the auxiliary decoder that they share."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from methods.contract import Batch, Problem
from methods.crodino_kd.loss import (
    LossWeights,
    Orthogonality,
    contrastive_loss,
    feature_mixup,
    orthogonality_loss,
)
from methods.crodino_kd.network import (
    Halves,
    ModalityBranch,
    build_auxiliary_decoder,
    build_branch,
)
from methods.learners.base import Learner
from methods.networks.segmentation.decoder import Decoder
from methods.targets import cross_entropy


class CroDiNoLearner(Learner):
    """The branches of all modalities, the auxiliary decoder, and the loss.

    Args:
        problem: modalities, classes, settings and the seed of the initial weights.
        weights: of the terms of the loss.
        mixup_weight: the other modality's share in mixed features; None for no mixup.
        temperature: as for `contrastive_loss`.
        orthogonality: as for `orthogonality_loss`.
        auxiliary_skip: whether the auxiliary decoder reads the encoders' first maps.
    """

    def __init__(
        self,
        problem: Problem,
        weights: LossWeights,
        mixup_weight: float | None,
        temperature: float,
        orthogonality: Orthogonality,
        auxiliary_skip: bool,
    ) -> None:
        super().__init__()
        self._weights = weights
        self._mixup_weight = mixup_weight
        self._temperature = temperature
        self._orthogonality = orthogonality
        branches = {name: build_branch(problem, name) for name in problem.modalities}
        self.branches = nn.ModuleDict(branches)
        self.auxiliary: Decoder | None = None
        if weights.auxiliary:
            first = branches[problem.modalities[0]]
            self.auxiliary = build_auxiliary_decoder(problem, first, auxiliary_skip)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        halves = {name: branch.encode(batch.inputs[name]) for name, branch in self._branches()}
        terms = {"task": self._segmentation(halves, batch)}
        if self._mixup_weight is not None:
            terms["mixup"] = self._segmentation(_mixed(halves, self._mixup_weight), batch)
        weights = self._weights
        if weights.orthogonality:
            terms["orthogonality"] = weights.orthogonality * _total(
                orthogonality_loss(half.invariant, half.specific, self._orthogonality)
                for half in halves.values()
            )
        if weights.contrastive:
            invariant = [half.invariant for half in halves.values()]
            terms["contrastive"] = weights.contrastive * contrastive_loss(
                invariant, self._temperature
            )
        if self.auxiliary is not None:
            terms["auxiliary"] = weights.auxiliary * self._auxiliary_loss(
                self.auxiliary, halves, batch
            )
        self.note(**terms)
        return _total(terms.values())

    def _segmentation(self, halves: Mapping[str, Halves], batch: Batch) -> Tensor:
        """Cross-entropy of the main decoders, summed over modalities."""
        return _total(
            cross_entropy(branch.decode(halves[name], _size(batch, name)), batch.targets[name])
            for name, branch in self._branches()
        )

    def _auxiliary_loss(
        self, decoder: Decoder, halves: Mapping[str, Halves], batch: Batch
    ) -> Tensor:
        """Cross-entropy of the auxiliary decoder on each half alone, summed over them."""
        return _total(
            cross_entropy(decoder(half, given.skip, _size(batch, name)).logits, batch.targets[name])
            for name, given in halves.items()
            for half in (given.invariant, given.specific)
        )

    def _branches(self) -> list[tuple[str, ModalityBranch]]:
        return list(self.branches.items())  # type: ignore[arg-type]

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return dict(self.branches.items())


def _mixed(halves: Mapping[str, Halves], weight: float) -> dict[str, Halves]:
    """Each modality's halves, its invariant one mixed with the mean of the other modalities'."""
    mixed = {}
    for name, own in halves.items():
        others = [given.invariant for other, given in halves.items() if other != name]
        mean = _total(others) / len(others)
        mixed[name] = replace(own, invariant=feature_mixup(own.invariant, mean, weight))
    return mixed


def _size(batch: Batch, modality: str) -> torch.Size:
    return batch.inputs[modality].shape[2:]


def _total(values: Iterable[Tensor]) -> Tensor:
    first, *others = values
    return sum(others, start=first)
