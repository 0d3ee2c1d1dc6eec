"""A convolution that is exact, and fast, on images of one pixel."""

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

    def forward(self, input: Tensor) -> Tensor:
        height, width = self.kernel_size
        centred = self.padding == (height // 2, width // 2)
        if input.shape[2:] != (1, 1) or not centred:
            return super().forward(input)
        # Selected in one step: each step would fill a gradient as large as the kernel with zeros.
        centre = self.weight.flatten(2)[:, :, height // 2 * width + width // 2]
        return F.linear(input.flatten(1), centre, self.bias)[:, :, None, None]


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
