"""A frozen teacher's logits: computed once for all views of every sample, then looked up."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from benchmark.training.data import TrainingData
from benchmark.training.views import VIEWS

_BLOCK = 512  # samples per forward pass; fixed, so that the table never depends on free memory


class Teacher(Protocol):
    """A trained teacher, as far as a training must know of it."""

    def moving_statistics(self) -> dict[str, Tensor]:
        """The tensors that asking for logits changes, by name: the live ones, not copies."""


class TeacherLogits(Teacher, Protocol):
    """Where the logits of a batch come from."""

    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        """Logits (B, C), float32, of training positions (B,) under views (B,)."""


class TeacherTable:
    """Logits of a frozen teacher for every training sample and view, looked up per batch.

    The teacher is in eval mode, so a sample's logits do not depend on its batch and the lookup
    equals a live forward pass. It costs eight passes over the training split, once per teacher.

    Args:
        network: the teacher; maps a dict of images to logits.
        modalities: what it reads.
        data: the data of the repetition.
    """

    def __init__(self, network: nn.Module, modalities: Sequence[str], data: TrainingData) -> None:
        network.eval()
        blocks = [
            torch.stack([_forward(network, modalities, data, part, view) for view in range(VIEWS)])
            for part in torch.split(data.train, _BLOCK)
        ]
        self._table = torch.cat(blocks, dim=1)  # (views, training positions, classes)

    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        return self._table[views, positions]

    def moving_statistics(self) -> dict[str, Tensor]:
        """None."""
        return {}


class LiveTeacher:
    """A teacher that is run on every batch in train mode, as in the code released with DisCoM-KD.

    Its batch statistics are those of the batch and its running statistics keep moving; its weights
    do not change.
    """

    def __init__(self, network: nn.Module, modalities: Sequence[str], data: TrainingData) -> None:
        self._network = network.train()
        self._modalities = modalities
        self._data = data

    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        samples = self._data.train[positions]
        with torch.no_grad():
            inputs = {
                name: self._data.banks[name].gather(samples, views) for name in self._modalities
            }
            logits: Tensor = self._network(inputs)
        return logits

    def moving_statistics(self) -> dict[str, Tensor]:
        """Running statistics of all normalisation layers; its own logits do not use them."""
        return dict(self._network.named_buffers())


@torch.no_grad()
def _forward(
    network: nn.Module, modalities: Sequence[str], data: TrainingData, samples: Tensor, view: int
) -> Tensor:
    views = torch.full_like(samples, view)
    inputs = {name: data.banks[name].gather(samples, views) for name in modalities}
    logits: Tensor = network(inputs)
    return logits
