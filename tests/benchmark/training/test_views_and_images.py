"""The D4 views, and batches gathered from compact, device-resident images."""

import numpy as np
import pytest
import torch

from benchmark.training.images import ImageBank, ResidentImages
from benchmark.training.views import VIEWS, view_probabilities, view_tables
from datasets.normalisation import ValueRange, fit_value_range

CPU = torch.device("cpu")


def test_views_are_the_eight_rotations_and_flips() -> None:
    image = torch.arange(25).view(5, 5)
    for view, table in enumerate(view_tables(5)):
        expected = torch.rot90(image.flip(1) if view >= 4 else image, view % 4)
        assert torch.equal(image.view(-1)[table].view(5, 5), expected)
    assert len({tuple(table.tolist()) for table in view_tables(5)}) == VIEWS


def test_view_probabilities_equal_a_simulation_of_the_released_draw() -> None:
    random = np.random.default_rng(0)
    numbers = {tuple(row): view for view, row in enumerate(view_tables(2).tolist())}
    counts = np.zeros(VIEWS)
    draws = 40_000
    for _ in range(draws):
        image = np.arange(4).reshape(2, 2)
        if random.random() < 0.5:
            image = image[:, ::-1] if random.random() < 0.5 else image
            image = image[::-1] if random.random() < 0.5 else image
            image = np.rot90(image, random.integers(4)) if random.random() < 0.5 else image
        counts[numbers[tuple(image.reshape(-1).tolist())]] += 1
    assert sum(view_probabilities()) == pytest.approx(1)
    assert counts / draws == pytest.approx(np.array(view_probabilities()), abs=0.01)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float16", "float32"])
def test_gather_equals_normalising_and_turning_each_image(dtype: str) -> None:
    random = np.random.default_rng(1)
    top = {"uint8": 255, "int16": 30_000, "uint16": 65_535}.get(dtype, 100)
    images = (random.random((6, 3, 4, 4)) * top).astype(dtype)
    value_range = fit_value_range(images, np.arange(4))
    bank = ImageBank(ResidentImages(images, CPU), value_range)
    samples, views = torch.tensor([5, 0, 3, 3]), torch.tensor([7, 0, 2, 5])
    batch = bank.gather(samples, views)
    low, high = (torch.from_numpy(v).view(3, 1, 1) for v in (value_range.low, value_range.high))
    for position, (sample, view) in enumerate(zip(samples, views, strict=True)):
        image = torch.from_numpy(images[sample].astype(np.float32))
        image = ((image - low) / (high - low)).clamp(0, 1)
        image = torch.rot90(image.flip(2) if view >= 4 else image, int(view) % 4, dims=(1, 2))
        torch.testing.assert_close(batch[position], image, rtol=0, atol=1e-5)
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_images_without_value_range_are_used_as_they_are() -> None:
    images = np.random.default_rng(2).random((2, 1, 4, 4)).astype(np.float32)
    batch = ImageBank(ResidentImages(images, CPU), None).gather(torch.tensor([1, 0]))
    assert torch.equal(batch, torch.from_numpy(images[[1, 0]]))


def test_value_range_is_fitted_on_the_given_samples_alone() -> None:
    images = np.zeros((10, 1, 2, 2), np.uint16)
    images[:5, 0] = np.arange(20).reshape(5, 2, 2)
    images[5:] = 60_000
    fitted = fit_value_range(images, np.arange(5))
    assert fitted.low == pytest.approx(np.percentile(np.arange(20), 2))
    assert fitted.high == pytest.approx(np.percentile(np.arange(20), 98))
    assert fit_value_range(images, None).high == pytest.approx(60_000)


def test_a_sparse_channel_keeps_its_signal_and_a_constant_one_is_zero() -> None:
    images = np.zeros((4, 2, 8, 8), np.uint8)
    images[0, 0, 0, 0] = 200
    images[:, 1] = 7
    fitted = fit_value_range(images, None)
    assert (fitted.low[0], fitted.high[0]) == (0, 200)
    bank = ImageBank(ResidentImages(images, CPU), ValueRange(fitted.low, fitted.high))
    batch = bank.gather(torch.tensor([0]))
    assert batch[0, 0, 0, 0] == 1
    assert not batch[0, 1].any()
