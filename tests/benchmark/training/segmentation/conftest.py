"""A small data set with one class per pixel, and a network that is quick to train."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from torch import Tensor, nn

from methods import Problem
from methods.contract import SEGMENTATION
from methods.networks.initialisation import initial_weights
from methods.tasks import NETWORKS


class Features(NamedTuple):
    """As real segmentation networks give them."""

    logits: Tensor
    pre_logits: Tensor
    encoded: Tensor


class TinySegmenter(nn.Module):
    """Two convolutions with batch normalisation between them, modalities stacked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.modalities = problem.modalities
        channels = sum(problem.channels.values())
        with initial_weights(problem.seed, "tiny", *problem.modalities):
            self.encoder = nn.Sequential(
                nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()
            )
            self.head = nn.Conv2d(8, problem.num_classes, 3, padding=1)

    def features(self, inputs: Mapping[str, Tensor]) -> Features:
        stacked = [inputs[name] for name in self.modalities]
        encoded = self.encoder(_joined(stacked))
        return Features(self.head(encoded), encoded, encoded)

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return self.features(inputs).logits


def _joined(images: list[Tensor]) -> Tensor:
    import torch

    return torch.cat(images, dim=1)


@pytest.fixture
def tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segmentation builds `TinySegmenter`."""
    monkeypatch.setitem(NETWORKS, SEGMENTATION, TinySegmenter)  # type: ignore[arg-type]


@pytest.fixture
def write_maps(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive of images and label maps, some arrays changed or (None) left out.

    Classes follow from the colours, so that they can be learned; a border has no class.
    """

    def write(name: str = "maps", samples: int = 20, **changes: object) -> Path:
        random = np.random.default_rng(0)
        colours = random.integers(0, 256, (samples, 3, 4, 4)).repeat(4, axis=2).repeat(4, axis=3)
        labels = (colours[:, 0] > 127).astype(np.int64) + (colours[:, 1] > 127)
        labels[:, :2] = 255
        arrays: dict[str, object] = {
            "RGB": colours.astype(np.uint8),
            "DEPTH": (labels[:, None] + random.normal(0, 0.3, (samples, 1, 16, 16))).astype("f4"),
            "labels": labels,
            "ignore_index": np.array(255),
            "class_names": np.array(["dark", "mixed", "bright"]),
            "groups": np.arange(samples) % 5,
        }
        arrays |= changes
        path = tmp_path / f"{name}.npz"
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        return path

    return write
