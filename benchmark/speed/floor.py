"""The floor: what a step cannot be faster than with the same network."""

import torch
from torch import nn
from torch.nn import functional as F

from benchmark.speed.engine import LEARNING_RATE, EngineRun, make_learner
from benchmark.speed.timed_training import Bench, TimedTraining
from methods.networks.properties import modalities_of


class Floor(TimedTraining):
    """Forward, backward and optimiser step of a method's networks on one batch that stays.

    The batch is on the device as float32 in [0, 1], channels last; the loss is the sum of the
    cross-entropies of the networks that the method deploys; nothing is read by the host. Precision
    and optimiser are those of the method's own step.

    Args:
        bench: what to train on.
        method: registered name.
        run: the method's own training.
    """

    kind = "floor"

    def __init__(self, bench: Bench, method: str, run: EngineRun) -> None:
        self.name = f"floor of {run.name}"
        self.modalities = run.modalities
        self.encoders = run.encoders
        learner = make_learner(bench, method, run.modalities)
        self._networks = nn.ModuleDict(learner.deployments())
        self._optimiser = torch.optim.Adam(
            self._networks.parameters(), lr=LEARNING_RATE, fused=True
        )
        self._steps = bench.steps
        samples = bench.data.train[: bench.batch_size]
        self._inputs = {name: bench.data.banks[name].gather(samples) for name in run.modalities}
        self._targets = bench.data.labels[samples]

    def train(self, round_number: int) -> None:
        self._networks.train()
        for _ in range(self._steps):
            losses = [
                F.cross_entropy(
                    network({name: self._inputs[name] for name in modalities_of(network)}),
                    self._targets,
                )
                for network in self._networks.values()
            ]
            self._optimiser.zero_grad(set_to_none=True)
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()

    def evaluate(self) -> None:
        raise NotImplementedError("a floor is not evaluated")


def layout(run: EngineRun) -> tuple[tuple[str, torch.Size], ...]:
    """What the floor of a run depends on: methods that deploy the same networks share one."""
    networks = nn.ModuleDict(run.learner.deployments())
    return tuple((name, value.shape) for name, value in networks.named_parameters())
