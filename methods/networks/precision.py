"""Modules that compute in bfloat16 where a run asks for it."""

import torch
from torch import Tensor, nn


class MixedPrecision(nn.Module):
    """Base of modules whose forward pass runs in `compute_dtype` where that is bfloat16.

    Autocast does it: weights and optimiser state stay float32. Weights in float64, for comparisons,
    stay so from end to end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.compute_dtype = torch.float32

    def autocast(self, images: Tensor) -> torch.autocast:
        """The context to compute on `images` in."""
        mixed = self.compute_dtype != torch.float32
        return torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=mixed)


def full_precision(values: Tensor) -> Tensor:
    """`values` in float32 where they are in half precision, so that no loss sees that."""
    return values.float() if values.dtype == torch.bfloat16 else values
