"""A frozen teacher: its logits and embeddings, computed once for all views and looked up."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from benchmark.training.data import BLOCK, TrainingData
from benchmark.training.views import VIEWS
from methods.networks.properties import features_of

_TABLED = ("embedding",)  # features that are small enough for a table


class Teacher(Protocol):
    """A trained teacher, as far as a training must know of it."""

    def moving_statistics(self) -> dict[str, Tensor]:
        """The tensors that asking for logits changes, by name: the live ones, not copies."""


class TeacherLogits(Teacher, Protocol):
    """Where the logits of a batch come from, and what else a method needs of the teacher."""

    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        """Logits (B, C), float32, of training positions (B,) under views (B,)."""

    def prepare(self, features: Sequence[str]) -> None:
        """Make ready what `with_features` will be asked for, before any step is recorded."""

    def with_features(
        self, positions: Tensor, views: Tensor, features: Sequence[str]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits, and the features of these names that the network gives, float32."""


class TeacherTable:
    """Logits of a frozen teacher for every training sample and view, looked up per batch.

    The teacher is in eval mode, so a sample's logits do not depend on its batch and the lookup
    equals a live forward pass. It costs eight passes over the training split, once per teacher.
    Embeddings are in a table of float16, which is made when the first method needs it. Maps would
    take too much memory: for a method that needs them the teacher is run on every batch.

    Args:
        network: the teacher; maps a dict of images to logits.
        modalities: what it reads.
        data: the data of the repetition.
    """

    def __init__(self, network: nn.Module, modalities: Sequence[str], data: TrainingData) -> None:
        self._network = network.eval()
        self._modalities = modalities
        self._data = data
        blocks = [
            torch.stack([self._forward(part, view) for view in range(VIEWS)])
            for part in torch.split(data.train, BLOCK)
        ]
        self._table = torch.cat(blocks, dim=1)  # (views, training positions, classes)
        self._features: dict[str, Tensor] = {}

    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        return self._table[views, positions]

    def prepare(self, features: Sequence[str]) -> None:
        missing = [name for name in features if name in _TABLED and name not in self._features]
        if not missing:
            return
        samples = self._data.train
        for first in range(0, len(samples), BLOCK):
            part = samples[first : first + BLOCK]
            for view in range(VIEWS):
                found = self._live(part, torch.full_like(part, view))
                for name in missing:
                    values = found[name]
                    if name not in self._features:
                        shape = (VIEWS, len(samples), *values.shape[1:])
                        self._features[name] = values.new_empty(shape, dtype=torch.float16)
                    self._features[name][view, first : first + len(part)] = values
        if samples.device.type == "cuda":  # trainings on other streams use it too
            torch.cuda.current_stream(samples.device).synchronize()

    def with_features(
        self, positions: Tensor, views: Tensor, features: Sequence[str]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        found = {
            name: self._features[name][views, positions].float()
            for name in features
            if name in _TABLED
        }
        if len(found) < len(features):
            live = self._live(self._data.train[positions], views)
            found |= {name: live[name] for name in features if name not in found}
        return self(positions, views), found

    def moving_statistics(self) -> dict[str, Tensor]:
        """None."""
        return {}

    @torch.no_grad()
    def _forward(self, samples: Tensor, view: int) -> Tensor:
        views = torch.full_like(samples, view)
        logits: Tensor = self._network(self._data.images(self._modalities, samples, views))
        return logits

    @torch.no_grad()
    def _live(self, samples: Tensor, views: Tensor) -> dict[str, Tensor]:
        return features_of(self._network, self._data.images(self._modalities, samples, views))


class LiveTeacher:
    """A teacher that is run on every batch in train mode, as in the code released with DisCoM-KD.

    Its batch statistics are those of the batch and its running statistics keep moving; its weights
    do not change.
    """

    def __init__(self, network: nn.Module, modalities: Sequence[str], data: TrainingData) -> None:
        self._network = network.train()
        self._modalities = modalities
        self._data = data

    @torch.no_grad()
    def __call__(self, positions: Tensor, views: Tensor) -> Tensor:
        logits: Tensor = self._network(self._inputs(positions, views))
        return logits

    def prepare(self, features: Sequence[str]) -> None:
        """Nothing is kept."""

    @torch.no_grad()
    def with_features(
        self, positions: Tensor, views: Tensor, features: Sequence[str]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        found = features_of(self._network, self._inputs(positions, views))
        return found["logits"], {name: found[name] for name in features}

    def moving_statistics(self) -> dict[str, Tensor]:
        """Running statistics of all normalisation layers; its own logits do not use them."""
        return dict(self._network.named_buffers())

    def _inputs(self, positions: Tensor, views: Tensor) -> Mapping[str, Tensor]:
        return self._data.images(self._modalities, self._data.train[positions], views)
