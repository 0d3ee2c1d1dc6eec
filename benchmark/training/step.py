"""One training step: a batch, its loss, the gradients, the update."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from benchmark.training.batches import Batches
from benchmark.training.order import EpochOrder
from methods import Learner


class Step(Protocol):
    """Trains on one batch."""

    def __call__(self, orders: Mapping[str, EpochOrder], epoch: int) -> Tensor:
        """Train on one batch.

        Args:
            orders: stream -> positions and views (B,) of the batch.
            epoch: from 0.

        Returns:
            The loss before the update and then the learner's terms (1 + terms,), on the device; to
            be read before the next call.
        """


@dataclass(frozen=True)
class TrainingStep:
    """The step as it is, launched kernel by kernel.

    Attributes:
        learner: what is trained.
        optimiser: updates its parameters.
        batches: where batches come from.
    """

    learner: Learner
    optimiser: torch.optim.Optimizer
    batches: Batches

    def __call__(self, orders: Mapping[str, EpochOrder], epoch: int) -> Tensor:
        """Train on one batch; see `Step`."""
        loss = self.learner.loss(self.batches.gather(orders), epoch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return torch.stack([loss.detach(), *self.learner.terms.values()])
