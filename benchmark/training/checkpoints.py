"""The best checkpoint of one deployed network."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


class CheckpointTracker:
    """Keeps the best checkpoint by its score on validation; the first of equals.

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

    def validate(self, score: Tensor) -> None:
        """Take this epoch's score, a scalar on the device, without waiting for it."""
        self._score = score

    def keep_if_best(self, epoch: int) -> None:
        """Read the score and copy the weights if no earlier epoch was as good."""
        assert self._score is not None
        score = float(self._score)
        self.curve.append(score)
        if score > self._best_score:
            self._best_score, self.best_epoch = score, epoch
            self._best = [tensor.detach().clone() for tensor in self._tensors]

    def state(self) -> dict[str, Any]:
        """What is known after the epochs so far; the tensors are the tracker's own."""
        return {
            "curve": self.curve,
            "best_epoch": self.best_epoch,
            "best_score": self._best_score,
            "best": self._best,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave, its tensors wherever they are."""
        self.curve = list(state["curve"])
        self.best_epoch, self._best_score = state["best_epoch"], state["best_score"]
        self._best = [
            best.to(tensor.device)
            for best, tensor in zip(state["best"], self._tensors, strict=True)
        ]

    @torch.no_grad()
    def restore_best(self) -> None:
        """Put the best checkpoint into the network and its probes."""
        for tensor, best in zip(self._tensors, self._best, strict=True):
            tensor.copy_(best)
