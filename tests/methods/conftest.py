"""What tests of several methods share."""

import pytest
import torch

from methods import Batch, Problem


@pytest.fixture
def problem() -> Problem:
    return Problem({"SAR": 2}, 5, seed=1)


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    return Batch(
        inputs={"SAR": torch.rand(6, 2, 16, 16)},
        targets={"SAR": torch.tensor([0, 1, 2, 3, 4, 0])},
        teacher_logits=3 * torch.randn(6, 5),
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
