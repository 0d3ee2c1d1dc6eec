import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from benchmark.records.augmentation import Augmentation
from benchmark.training.augmentation import Draws, crop_images, crop_labels, draw_augmentation
from methods.contract import IGNORED

CPU = torch.device("cpu")


def bilinear_sample(image: NDArray[np.float64], row: float, column: float) -> NDArray[np.float64]:
    """The values (C,) of an image (C, H, W) at a place between pixel centres, edges repeated."""
    _, height, width = image.shape
    row, column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
    top, left = int(row), int(column)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    down, along = row - top, column - left
    upper = image[:, top, left] * (1 - along) + image[:, top, right] * along
    lower = image[:, bottom, left] * (1 - along) + image[:, bottom, right] * along
    return upper * (1 - down) + lower * down


def augment_slowly(
    image: NDArray[np.float64],
    labels: NDArray[np.int64],
    geometry: NDArray[np.int64],
    crop: tuple[int, int],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mirror, scale, pad and crop one image (C, H, W) and its labels, place by place."""
    flip, scaled_height, scaled_width, top, left = map(int, geometry)
    _, height, width = image.shape
    if flip:
        image, labels = image[:, :, ::-1], labels[:, ::-1]
    cropped = np.zeros((len(image), *crop))
    cropped_labels = np.full(crop, IGNORED)
    for row in range(crop[0]):
        for column in range(crop[1]):
            y, x = top + row, left + column
            if not (0 <= y < scaled_height and 0 <= x < scaled_width):
                continue
            source_y, source_x = (
                (y + 0.5) * height / scaled_height,
                (x + 0.5) * width / scaled_width,
            )
            cropped[:, row, column] = bilinear_sample(image, source_y - 0.5, source_x - 0.5)
            nearest_row = (2 * y + 1) * height // (2 * scaled_height)
            nearest_column = (2 * x + 1) * width // (2 * scaled_width)
            cropped_labels[row, column] = labels[nearest_row, nearest_column]
    return cropped, cropped_labels


@pytest.mark.parametrize("crop", [(12, 20), (8, 9), (1, 1)])
def test_a_batch_is_augmented_as_its_images_one_by_one(crop: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    images = random.normal(size=(40, 3, 12, 20)).astype(np.float32)
    labels = random.integers(0, 5, size=(40, 12, 20))
    labels[:, 2:4] = IGNORED
    draws = draw_augmentation(0, 0, 40, "paired", Augmentation(crop=crop), (12, 20), CPU)

    found = crop_images(torch.from_numpy(images), draws.geometry, crop)
    found_labels = crop_labels(torch.from_numpy(labels), draws.geometry, crop)

    assert found.is_contiguous(memory_format=torch.channels_last)
    assert found_labels.dtype == torch.int64
    for sample in range(40):
        expected, expected_labels = augment_slowly(
            images[sample].astype(np.float64),
            labels[sample],
            draws.geometry[sample].numpy(),
            crop,
        )
        np.testing.assert_allclose(found[sample], expected, atol=2e-5)
        np.testing.assert_array_equal(found_labels[sample], expected_labels)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5, 2.0])
def test_scaling_is_that_of_interpolate(scale: float) -> None:
    images = torch.randn(1, 3, 10, 14, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(140).view(1, 10, 14)
    height, width = int(10 * scale), int(14 * scale)
    geometry = torch.tensor([[0, height, width, 0, 0]])

    found = crop_images(images, geometry, (height, width))
    found_labels = crop_labels(labels, geometry, (height, width))

    expected = F.interpolate(images, (height, width), mode="bilinear", align_corners=False)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    nearest = F.interpolate(labels[None].float(), (height, width), mode="nearest-exact")
    torch.testing.assert_close(found_labels, nearest[0].long())


def test_an_image_that_is_not_changed_stays_as_it_is() -> None:
    images = torch.randn(2, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(126).view(2, 9, 7).to(torch.int16)
    geometry = torch.tensor([[0, 9, 7, 0, 0]] * 2)

    torch.testing.assert_close(crop_images(images, geometry, (9, 7)), images, atol=1e-5, rtol=0)
    torch.testing.assert_close(crop_labels(labels, geometry, (9, 7)), labels.long())


def test_padding_is_the_mean_and_is_ignored() -> None:
    images, labels = torch.ones(1, 1, 8, 8), torch.ones(1, 8, 8, dtype=torch.int64)
    settings = Augmentation(scales=(0.5,))
    draws = draw_augmentation(0, 0, 1, "paired", settings, (8, 8), CPU)

    padded = crop_images(images, draws.geometry, (8, 8))[0, 0]
    padded_labels = crop_labels(labels, draws.geometry, (8, 8))[0]

    inside = torch.zeros(8, 8, dtype=torch.bool)
    inside[2:6, 2:6] = True
    assert torch.equal(padded, inside.float())
    assert torch.equal(padded_labels, torch.where(inside, 1, IGNORED))


def test_one_image_is_augmented_alike_in_any_batch() -> None:
    images = torch.randn(5, 2, 16, 16, generator=torch.Generator().manual_seed(0))
    draws = draw_augmentation(1, 2, 5, "paired", Augmentation(crop=(8, 8)), (16, 16), CPU)

    together = crop_images(images, draws.geometry, (8, 8))

    alone = [
        crop_images(images[place : place + 1], draws.part(place, place + 1).geometry, (8, 8))
        for place in range(5)
    ]
    assert torch.equal(together, torch.cat(alone))


@pytest.mark.gpu
def test_augmentation_is_recorded_as_a_cuda_graph() -> None:
    device, settings = torch.device("cuda"), Augmentation(crop=(24, 24))
    images = torch.randn(6, 3, 32, 32, device=device)
    labels = torch.randint(0, 4, (6, 32, 32), device=device)
    held = draw_augmentation(0, 0, 6, "paired", settings, (32, 32), device).clone()

    def augment(draws: Draws) -> tuple[torch.Tensor, torch.Tensor]:
        return (
            crop_images(images, draws.geometry, (24, 24)),
            crop_labels(labels, draws.geometry, (24, 24)),
        )

    augment(held)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        recorded = augment(held)
    other = draw_augmentation(0, 1, 6, "paired", settings, (32, 32), device)
    held.copy_(other)
    graph.replay()

    for found, expected in zip(recorded, augment(other), strict=True):
        assert torch.equal(found, expected)
