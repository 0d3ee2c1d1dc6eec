"""What can be asked of any network."""

from torch import nn


def modalities_of(network: nn.Module) -> tuple[str, ...]:
    """Names of the modalities that a deployed network reads: its attribute `modalities`."""
    names: tuple[str, ...] = network.modalities  # type: ignore[assignment]
    return names


def count_parameters(module: nn.Module) -> int:
    """Number of learned values in `module`, each shared tensor once."""
    return sum(parameter.numel() for parameter in module.parameters())
