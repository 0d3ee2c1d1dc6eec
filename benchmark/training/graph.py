"""The training step as CUDA graphs: captured once, then launched as one.

A step of ResNet-18 launches several hundred kernels, each of which takes a small batch less time
than its launch takes the host. A graph holds them all and is launched at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmark.training.order import Order
from benchmark.training.step import TrainingStep

# Steps of a batch size that are launched as they are before one is captured: libraries choose their
# kernels, and the optimiser makes its state, in the first.
WARM_UP = 3


@dataclass(frozen=True)
class _Captured:
    """A recorded step: what launches it, where it reads its order from, and what it returns."""

    replay: Callable[[], None]
    orders: Mapping[str, Order]
    values: Tensor
    phase: int


class GraphedStep:
    """A training step that is captured once per batch size, and again where its loss changes.

    Nothing is trained twice or left out: the steps before a capture are steps of the training, and
    a capture computes nothing. A loss that cannot be captured, because it reads values on the host
    for instance, is launched kernel by kernel for the whole training.

    Args:
        step: the step, on a GPU. Its optimiser must be capturable, and the current stream must
            not be the default one whenever this is called.

    Attributes:
        problem: why the step is not captured, one sentence; "" while nothing is in the way.
    """

    def __init__(self, step: TrainingStep) -> None:
        self.problem = ""
        self._step = step
        self._launched: Counter[int] = Counter()
        self._captured: dict[int, _Captured] = {}
        self._pool: Any = None

    def __call__(self, orders: Mapping[str, Order], epoch: int) -> Tensor:
        """Train on one batch; see `Step`."""
        size = len(next(iter(orders.values())).positions)
        if self.problem or self._launched[size] < WARM_UP:
            self._launched[size] += 1
            return self._step(orders, epoch)
        captured = self._captured.get(size)
        phase = self._step.learner.phase(epoch)
        if captured is None or captured.phase != phase:
            self._captured.pop(size, None)  # before the next, so that its memory is free
            try:
                captured = self._capture(orders, epoch, phase)
            except RuntimeError as error:
                reason = " ".join(str(error).split()[:40])
                self.problem = f"its steps could not be captured as a CUDA graph: {reason}"
                self._captured.clear()
                return self._step(orders, epoch)
            self._captured[size] = captured
        for stream, order in captured.orders.items():
            order.copy_(orders[stream])
        captured.replay()
        return captured.values

    def _capture(self, orders: Mapping[str, Order], epoch: int, phase: int) -> _Captured:
        own = {stream: order.clone() for stream, order in orders.items()}
        replay, values = self._record(partial(self._step, own, epoch))
        return _Captured(replay, own, values, phase)

    def _record(self, step: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
        """Record what a step launches, without launching it; how to launch it, and its values."""
        if self._pool is None:
            # One for all graphs: one runs at a time, and none needs what another left there.
            self._pool = torch.cuda.graph_pool_handle()
        return record(step, self._pool)


def record(step: Callable[[], Tensor], pool: Any = None) -> tuple[Callable[[], None], Tensor]:
    """Record what a step launches as a CUDA graph, without launching it.

    Args:
        step: launches on the current stream, which must not be the default one.
        pool: the memory that graphs share of which one runs at a time; None for its own.

    Returns:
        What launches the graph, and where it leaves the step's values.
    """
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.current_stream()
    # Other threads may use the device meanwhile; only this one is being recorded.
    with torch.cuda.graph(graph, pool, stream, capture_error_mode="thread_local"):
        values = step()
    return graph.replay, values
