"""A trained teacher that is run on every batch."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from methods.networks.properties import modalities_of


class RunningTeacher:
    """A teacher's logits, and features by name, of whatever images it is shown.

    Views are continuous, so there is no table of its logits to look up. In eval mode it stays as
    it was; in train mode its running statistics move with every batch, its weights do not.

    Args:
        network: the teacher.
        training: run it in train mode, as the code released with DisCoM-KD does.
        own_view: it sees views that are drawn apart from the student's.

    Attributes:
        modalities: what it reads.
        own_view: see above.
    """

    def __init__(self, network: nn.Module, training: bool, own_view: bool) -> None:
        self.modalities: Sequence[str] = modalities_of(network)
        self.own_view = own_view
        self._network = network.train(training).requires_grad_(False)
        self._training = training

    @torch.no_grad()
    def __call__(
        self, inputs: Mapping[str, Tensor], features: Sequence[str]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits (B, classes, H, W) and the features of these names, all float32.

        Args:
            inputs: modality -> standardised images (B, C, H, W).
            features: names of what its network's `features` gives.
        """
        if not features:
            logits: Tensor = self._network(inputs)
            return logits, {}
        found = self._network.features(inputs)  # type: ignore[operator]
        return found.logits, {name: getattr(found, name) for name in features}

    def moving_statistics(self) -> dict[str, Tensor]:
        """In train mode the running statistics of all normalisation layers."""
        return dict(self._network.named_buffers()) if self._training else {}
