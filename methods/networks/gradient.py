"""A layer that is the identity forward and scales the gradient backward."""

from typing import Any

import torch
from torch import Tensor


class _ScaleGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.factor, None


def scale_gradient(values: Tensor, factor: float) -> Tensor:
    """Return `values` unchanged; their gradient is multiplied by `factor`.

    With factor -1 this is the gradient reversal layer of Ganin et al. (JMLR 2016).
    """
    scaled: Tensor = _ScaleGradient.apply(values, factor)
    return scaled
