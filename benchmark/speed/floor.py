"""The floor: what a step cannot be faster than with the same network."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmark.speed.engine import EngineRun, make_learner
from benchmark.speed.timed_training import LEARNING_RATE, Bench, TimedTraining
from benchmark.training.graph import WARM_UP, record
from methods.networks.properties import modalities_of


class BareSteps(TimedTraining):
    """Forward, backward and fused Adam on one batch that stays; nothing is read by the host.

    Args:
        name: see `Timing`.
        run: the method's own training, of which this is a floor.
        steps: training steps in a round.
        loss: the forward pass; returns the loss of the batch, a scalar.
        parameters: what is trained.
        graph: launch the step as one CUDA graph, from the first steps on; takes a GPU.
    """

    kind = "floor"

    def __init__(
        self,
        name: str,
        run: EngineRun,
        steps: int,
        loss: Callable[[], Tensor],
        parameters: Iterable[Tensor],
        graph: bool = False,
    ) -> None:
        self.name = name
        self.modalities = run.modalities
        self.encoders = run.encoders
        self._steps = steps
        self._loss = loss
        self._optimiser = torch.optim.Adam(
            list(parameters), lr=LEARNING_RATE, fused=True, capturable=graph
        )
        self._graph = graph
        self._launched = 0
        self._replay: Callable[[], None] | None = None

    def train(self, round_number: int) -> None:
        for _ in range(self._steps):
            if self._replay is not None:
                self._replay()
            elif self._graph and self._launched >= WARM_UP:
                self._replay, _ = record(self._step)
                self._replay()
            else:
                self._step()
                self._launched += 1

    def _step(self) -> Tensor:
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._loss()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return loss.detach()

    def evaluate(self) -> None:
        raise NotImplementedError("a floor is not evaluated")


class Floor(BareSteps):
    """Bare steps of a method's networks.

    The batch is one of the method's own, on the device; the loss is the sum of the cross-entropies
    of the networks that the method deploys. Precision is that of the method's own step.

    Args:
        bench: what to train on.
        method: registered name.
        run: the method's own training.
        variant: what is other than in the engine's step, for the name.
        layout: how images and the weights of convolutions lie in memory.
        graph: see `BareSteps`.
        compiler: arguments of `torch.compile` for each network; None to leave them as they are.
    """

    def __init__(
        self,
        bench: Bench,
        method: str,
        run: EngineRun,
        variant: str = "",
        layout: torch.memory_format = torch.channels_last,
        graph: bool = False,
        compiler: Mapping[str, Any] | None = None,
    ) -> None:
        learner = make_learner(bench, method, run.modalities, layout=layout)
        networks = nn.ModuleDict(learner.deployments()).train()
        reads = [modalities_of(network) for network in networks.values()]
        called: list[Callable[..., Tensor]] = list(networks.values())
        if compiler is not None:
            called = [torch.compile(network, **compiler) for network in called]
        inputs, targets = one_batch(run, layout)

        def loss() -> Tensor:
            losses = [
                F.cross_entropy(network({name: inputs[name] for name in names}), targets)
                for network, names in zip(called, reads, strict=True)
            ]
            return torch.stack(losses).sum()

        name = f"floor of {run.name}" + (f", {variant}" if variant else "")
        super().__init__(name, run, bench.steps, loss, networks.parameters(), graph)


def one_batch(
    run: EngineRun, layout: torch.memory_format = torch.channels_last
) -> tuple[dict[str, Tensor], Tensor]:
    """Images (B, C, H, W) of a run's modalities, float32, and labels (B,) or (B, H, W)."""
    batch = run.batch()
    images = {name: image.contiguous(memory_format=layout) for name, image in batch.inputs.items()}
    return images, batch.target


def networks_of(run: EngineRun) -> tuple[tuple[str, torch.Size], ...]:
    """What the floor of a run depends on: methods that deploy the same networks share one."""
    networks = nn.ModuleDict(run.learner.deployments())
    return tuple((name, value.shape) for name, value in networks.named_parameters())
