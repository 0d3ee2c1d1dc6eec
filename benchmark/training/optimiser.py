"""The optimisers of all runs: Adam, and AdamW with a schedule."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class _InMemory(torch.optim.Optimizer):
    """Shows an optimiser parameters and gradients with their axes in the order of memory.

    Adam treats each element alone, so the order of a tensor's axes means nothing to it. But on the
    CPU the fused kernel copies each gradient whose axes are not in the default order, as those of
    channels-last convolutions are not, and then does not use the copy (seen in PyTorch 2.15): a
    tenth of a training step at 16 x 16 pixels. Every number stays the same.
    """

    _own: Sequence[nn.Parameter]
    _views: Sequence[nn.Parameter]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters."""
        for own, view in zip(self._own, self._views, strict=True):
            own.grad = view.grad = None

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters by the gradients that they have; a closure is not called."""
        for own, view in zip(self._own, self._views, strict=True):
            view.grad = None if own.grad is None else _as_in_memory(own.grad, own)
        super().step()


class Adam(_InMemory, torch.optim.Adam):
    """PyTorch's fused Adam, on parameters as they lie in memory.

    Args:
        parameters: stay where they are in memory; those without gradient are left alone.
        learning_rate: above 0.
        capturable: the step may be recorded as a CUDA graph.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, capturable: bool = False
    ) -> None:
        self._own = list(parameters)
        self._views = _views(self._own)
        super().__init__(self._views, lr=learning_rate, fused=True, capturable=capturable)


class ScheduledAdamW(_InMemory, torch.optim.AdamW):
    """PyTorch's fused AdamW whose learning rate follows a schedule, step by step.

    The rates of all steps lie on the device, and the number of steps done beside them, so that a
    step recorded as a CUDA graph finds its own.

    Args:
        parameters: stay where they are in memory; those without gradient are left alone. Those of
            one axis or none, which are norms and biases, have no weight decay.
        rates: the learning rate of each step (steps,), float64.
        weight_decay: at least 0.
        capturable: the step may be recorded as a CUDA graph.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        rates: NDArray[np.float64],
        weight_decay: float,
        capturable: bool = False,
    ) -> None:
        self._own = list(parameters)
        self._views = _views(self._own)
        device = self._own[0].device
        self._rates = torch.from_numpy(rates).to(device, torch.float32)
        self._rate = self._rates[0].clone()
        self._done = torch.zeros(1, dtype=torch.int64, device=device)
        groups: list[dict[str, Any]] = [
            {"params": [view for view in self._views if view.dim() > 1]},
            {"params": [view for view in self._views if view.dim() <= 1], "weight_decay": 0.0},
        ]
        super().__init__(
            [group for group in groups if group["params"]],
            weight_decay=weight_decay,
            lr=self._rate,
            betas=(0.9, 0.999),
            fused=True,
            capturable=capturable,
        )

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters at the rate of this step; a closure is not called."""
        self._rate.copy_(self._rates.index_select(0, self._done)[0])
        super().step()
        self._done += 1

    def state_dict(self) -> dict[str, Any]:
        """As `torch.optim.Optimizer`, with the number of steps done."""
        return {**super().state_dict(), "done": self._done}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        super().load_state_dict({key: state_dict[key] for key in state_dict if key != "done"})
        self._done.copy_(state_dict["done"])
        for group in self.param_groups:  # which hold the stored rate now
            group["lr"] = self._rate


def polynomial_schedule(rate: float, steps: int, warm_up: int, power: float) -> NDArray[np.float64]:
    """Learning rate of each step (steps,): linear warm-up, then polynomial decay.

    The decay counts from the first step, not from the end of the warm-up, as in the code that the
    CroDiNo-KD paper follows (`zifuwan/Sigma`): there is a small drop between the two.

    Args:
        rate: what the warm-up ends with.
        steps: number of steps, at least 1.
        warm_up: number of them over which the rate grows from `rate / warm_up` to `rate`.
        power: of the decay; 0 for a constant rate.

    >>> polynomial_schedule(1.0, 4, 2, 1.0).tolist()
    [0.5, 1.0, 0.5, 0.25]
    """
    step = np.arange(steps)
    rates: NDArray[np.float64] = rate * (1 - step / steps) ** power
    rates[:warm_up] = rate * (step[:warm_up] + 1) / max(warm_up, 1)
    return rates


def _views(own: Sequence[nn.Parameter]) -> list[nn.Parameter]:
    return [nn.Parameter(_as_in_memory(each.detach(), each)) for each in own]


def _as_in_memory(tensor: Tensor, like: Tensor) -> Tensor:
    """A view of a tensor whose axes are in the order in which those of `like` lie in memory."""
    if like.dim() == 4 and like.is_contiguous(memory_format=torch.channels_last):
        return tensor.permute(0, 2, 3, 1)
    return tensor
