"""One training step: a batch, its loss, the gradients, the update."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from benchmark.training.order import Order
from methods import Batch, Learner


class BatchSource(Protocol):
    """Where batches come from."""

    def gather(self, orders: Mapping[str, Any]) -> Batch:
        """Make the batch of an order: stream -> an `Order`."""


class Step(Protocol):
    """Trains on one batch."""

    def __call__(self, orders: Mapping[str, Order], epoch: int) -> Tensor:
        """Train on one batch.

        Args:
            orders: stream -> samples of the batch (B,) and how they are augmented.
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
    batches: BatchSource

    def __call__(self, orders: Mapping[str, Order], epoch: int) -> Tensor:
        """Train on one batch; see `Step`."""
        loss = self.learner.loss(self.batches.gather(orders), epoch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return torch.stack([loss.detach(), *self.learner.terms.values()])
