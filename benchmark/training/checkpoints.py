"""The best checkpoint of one deployed network."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from benchmark.evaluation import weighted_f1


class CheckpointTracker:
    """Keeps the best checkpoint by validation weighted F1; the first of equals.

    Args:
        network: the deployed network, which is validated.
        probes: name -> network that shares layers with it. A checkpoint holds their layers too.
    """

    def __init__(self, network: nn.Module, probes: Mapping[str, nn.Module]) -> None:
        self.network = network
        self.probes = probes
        self.curve: list[float] = []
        self.best_epoch = -1
        self._best: list[Tensor] = []
        self._score: Tensor | None = None
        self._best_score = -1.0
        modules = (network, *probes.values())
        states = [module.state_dict(keep_vars=True) for module in modules]
        # Networks that share a layer share its tensors: each is kept once.
        self._tensors = list({id(t): t for state in states for t in state.values()}.values())

    def validate(self, confusion: Tensor) -> None:
        """Compute this epoch's score on the device, without waiting for it."""
        self._score = weighted_f1(confusion)

    def keep_if_best(self, epoch: int) -> None:
        """Read the score and copy the weights if no earlier epoch was as good."""
        assert self._score is not None
        score = float(self._score)
        self.curve.append(score)
        if score > self._best_score:
            self._best_score, self.best_epoch = score, epoch
            self._best = [tensor.detach().clone() for tensor in self._tensors]

    @torch.no_grad()
    def restore_best(self) -> None:
        """Put the best checkpoint into the network and its probes."""
        for tensor, best in zip(self._tensors, self._best, strict=True):
            tensor.copy_(best)
