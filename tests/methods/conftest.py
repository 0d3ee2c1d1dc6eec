"""What tests of several methods share."""

from dataclasses import replace

import pytest
import torch

from methods import Batch, Problem
from methods.contract import IGNORED, SEGMENTATION


@pytest.fixture
def problem() -> Problem:
    return Problem({"SAR": 2}, 5, seed=1, labels=(0, 1, 2, 3, 4, 0, 1, 2))


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    return Batch(
        inputs={"SAR": torch.rand(6, 2, 16, 16)},
        targets={"SAR": torch.tensor([0, 1, 2, 3, 4, 0])},
        teacher_logits=3 * torch.randn(6, 5),
        teacher_features={
            "embedding": torch.randn(6, 512).relu(),
            "stage_2": torch.randn(6, 128, 2, 2).relu(),
        },
        samples=torch.arange(6),
    )


@pytest.fixture
def two_modalities() -> Problem:
    return Problem({"MS": 3, "SAR": 2}, 5, seed=0)


@pytest.fixture
def unpaired() -> Batch:
    torch.manual_seed(4)
    return Batch(
        inputs={"MS": torch.rand(6, 3, 16, 16), "SAR": torch.rand(6, 2, 16, 16)},
        targets={"MS": torch.tensor([0, 1, 2, 3, 4, 0]), "SAR": torch.tensor([4, 4, 1, 0, 2, 3])},
    )


@pytest.fixture
def segmentation() -> Problem:
    network = {"backbone": "resnet18", "weights": "none"}
    return Problem({"RGB": 3}, 4, seed=2, task=SEGMENTATION, network=network)


@pytest.fixture
def segmentation_pair(segmentation: Problem) -> Problem:
    return replace(segmentation, channels={"RGB": 3, "DEPTH": 1})


@pytest.fixture
def pixels() -> Batch:
    """A batch whose modalities are augmented apart, of any segmentation method with a teacher."""
    torch.manual_seed(6)
    targets = {name: torch.randint(0, 4, (3, 32, 32)) for name in ("RGB", "DEPTH")}
    for target in targets.values():
        target[:, :5] = IGNORED
    return Batch(
        inputs={"RGB": torch.randn(3, 3, 32, 32), "DEPTH": torch.randn(3, 1, 32, 32)},
        targets=targets,
        teacher_logits=3 * torch.randn(3, 4, 32, 32),
        teacher_features={
            "encoded": torch.rand(3, 512, 2, 2),
            "pre_logits": torch.rand(3, 256, 8, 8),
        },
    )
