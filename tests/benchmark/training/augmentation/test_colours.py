import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from benchmark.records.augmentation import Augmentation
from benchmark.training.augmentation import draw_augmentation, jitter_colours
from benchmark.training.augmentation.draws import BRIGHTNESS, CONTRAST, HUE, SATURATION

CPU = torch.device("cpu")


def images() -> torch.Tensor:
    """Random colours, and a grey, a black and a white row, which have no hue."""
    drawn = torch.rand(12, 3, 10, 8, generator=torch.Generator().manual_seed(0))
    drawn[:, :, 0] = 0.3
    drawn[:, :, 1] = 0
    drawn[:, :, 2] = 1
    return drawn


def test_each_image_is_jittered_as_torchvision_does() -> None:
    given = images()
    colours = draw_augmentation(0, 0, 12, "paired", Augmentation(hue=0.5), (10, 8), CPU).colours

    found = jitter_colours(given, colours)

    for sample in range(12):
        expected = given[sample]
        expected = reference.adjust_brightness(expected, float(colours[sample, BRIGHTNESS]))
        expected = reference.adjust_contrast(expected, float(colours[sample, CONTRAST]))
        expected = reference.adjust_saturation(expected, float(colours[sample, SATURATION]))
        expected = reference.adjust_hue(expected, float(colours[sample, HUE]))
        torch.testing.assert_close(found[sample], expected, atol=2e-5, rtol=0)


@pytest.mark.parametrize("column", [BRIGHTNESS, CONTRAST, SATURATION, HUE])
def test_each_of_the_four_changes_colours_alone(column: int) -> None:
    colours = torch.tensor([[1.0, 1.0, 1.0, 0.0]]).repeat(12, 1)
    torch.testing.assert_close(jitter_colours(images(), colours), images(), atol=1e-6, rtol=0)
    colours[:, column] += 0.25
    assert not torch.allclose(jitter_colours(images(), colours), images(), atol=1e-2)
