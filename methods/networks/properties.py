"""What can be asked of any network."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def modalities_of(network: nn.Module) -> tuple[str, ...]:
    """Names of the modalities that a deployed network reads: its attribute `modalities`."""
    names: tuple[str, ...] = network.modalities  # type: ignore[assignment]
    return names


def features_of(network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a network computes of a batch on the way to its logits, and those, by name."""
    found: dict[str, Tensor] = network.features(inputs)._asdict()  # type: ignore[operator]
    return found


def count_parameters(module: nn.Module) -> int:
    """Number of learned values in `module`, each shared tensor once."""
    return sum(parameter.numel() for parameter in module.parameters())


def set_compute_dtype(module: nn.Module, dtype: torch.dtype) -> None:
    """Choose the precision of every part inside `module` that has a choice: float32 or bfloat16.

    Such a part has an attribute `compute_dtype`, and gives float32 whatever that is.
    """
    for part in module.modules():
        if hasattr(part, "compute_dtype"):
            part.compute_dtype = dtype  # type: ignore[assignment]
