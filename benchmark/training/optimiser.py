"""The optimiser of every run: Adam."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class Adam(torch.optim.Adam):
    """PyTorch's fused Adam, on parameters as they lie in memory.

    Adam treats each element alone, so the order of a tensor's axes means nothing to it. But on the
    CPU the fused kernel copies each gradient whose axes are not in the default order, as those of
    channels-last convolutions are not, and then does not use the copy (seen in PyTorch 2.15): a
    tenth of a training step at 16 x 16 pixels. Parameters and gradients are therefore shown to it
    with their axes in the order of memory. Every number stays the same.

    Args:
        parameters: stay where they are in memory; those without gradient are left alone.
        learning_rate: above 0.
        capturable: the step may be recorded as a CUDA graph.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, capturable: bool = False
    ) -> None:
        self._own = list(parameters)
        views = [nn.Parameter(_as_in_memory(own.detach(), own)) for own in self._own]
        super().__init__(views, lr=learning_rate, fused=True, capturable=capturable)
        self._views = views

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the parameters."""
        for own, view in zip(self._own, self._views, strict=True):
            own.grad = view.grad = None

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters by the gradients that they have; a closure is not called."""
        for own, view in zip(self._own, self._views, strict=True):
            view.grad = None if own.grad is None else _as_in_memory(own.grad, own)
        super().step()


def _as_in_memory(tensor: Tensor, like: Tensor) -> Tensor:
    """A view of a tensor whose axes are in the order in which those of `like` lie in memory."""
    if like.dim() == 4 and like.is_contiguous(memory_format=torch.channels_last):
        return tensor.permute(0, 2, 3, 1)
    return tensor
