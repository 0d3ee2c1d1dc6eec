"""A convolution that is exact, and fast, on images of one pixel."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Convolution(nn.Conv2d):
    """`nn.Conv2d` that is a linear layer, its centre tap, where the input is 1 x 1 and padded.

    All other taps meet padding there, so the result is the same. ResNet-18 comes down to one pixel
    inside when images are 16 x 16. Two reasons for not leaving this to the library: with stride 2
    on such inputs, bfloat16 and the CPU, PyTorch 2.15 leaves the gradient of the untouched taps
    uninitialised, which puts garbage or NaN into weights; and a 3 x 3 kernel costs nine times the
    arithmetic of its centre, a convolution of one pixel up to five times that of a linear layer.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as nn.Conv2d names it
        height, width = self.kernel_size
        centred = self.padding == (height // 2, width // 2)
        if input.shape[2:] != (1, 1) or not centred:
            return super().forward(input)
        centre: Tensor = _CentreTap.apply(self.weight)
        return F.linear(input.flatten(1), centre, self.bias)[:, :, None, None]


class _CentreTap(torch.autograd.Function):
    """The centre of each kernel; weights (out, in, height, width) to (out, in).

    Indexing gives the same numbers. But its gradient comes in the default memory layout, and is
    then copied, element by element, into that of channels-last weights: a sixth of a training step
    on the CPU at 16 x 16 pixels.
    """

    @staticmethod
    def forward(context: Any, weight: Tensor) -> Tensor:
        context.save_for_backward(weight)
        return _centre(weight)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        (weight,) = context.saved_tensors
        full = torch.zeros_like(weight)  # in the layout of the weights
        _centre(full).copy_(gradient)
        return full


def _centre(weight: Tensor) -> Tensor:
    return weight[:, :, weight.shape[2] // 2, weight.shape[3] // 2]


def use_exact_convolutions(module: nn.Module) -> None:
    """Replace every `nn.Conv2d` inside `module` by a `Convolution` with the same weights."""
    for name, child in module.named_children():
        if not isinstance(child, nn.Conv2d):
            use_exact_convolutions(child)
            continue
        with torch.device("meta"):  # no memory and no random numbers for weights that are replaced
            replacement = Convolution(
                child.in_channels,
                child.out_channels,
                child.kernel_size,  # type: ignore[arg-type]
                child.stride,  # type: ignore[arg-type]
                child.padding,  # type: ignore[arg-type]
                bias=child.bias is not None,
            )
        replacement.weight, replacement.bias = child.weight, child.bias
        setattr(module, name, replacement)
