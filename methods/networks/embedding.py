"""What networks of classification make of images just before their logits."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import UserError

PENULTIMATE = "embedding"


def embeddings_of(network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The embeddings of a batch by name, each (B, D), float32.

    A network whose logits rest on several has a method `named_embeddings`, which gives them as this
    does; those of one name are in one space, whatever modality the network of a run is for. Any
    other network has one, `PENULTIMATE`: what the linear layer reads that gives its logits, which
    is in no other network's space.

    Args:
        network: a deployed network.
        inputs: modality -> images (B, C, H, W).

    Raises:
        UserError: its logits are no output of a linear layer.
    """
    if hasattr(network, "named_embeddings"):
        found: dict[str, Tensor] = network.named_embeddings(inputs)  # type: ignore[operator]
        return found
    return {PENULTIMATE: penultimate(network, inputs)}


def penultimate(network: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """What the last linear layer reads, (B, D), if it gives the logits.

    Raises:
        UserError: it does not.
    """
    seen: list[tuple[Tensor, Tensor]] = []

    def note(_: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        seen.append((given[0], output))

    linear = [part for part in network.modules() if isinstance(part, nn.Linear)]
    hooks = [part.register_forward_hook(note) for part in linear]
    try:
        logits = network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    for read, output in reversed(seen):
        if read.ndim == 2 and output.shape == logits.shape and torch.equal(output, logits):
            return read.float()
    raise UserError(
        "the network's logits are no output of a linear layer, so it has no penultimate layer to "
        "show; give it a method named_embeddings (docs/figures.md)"
    )
