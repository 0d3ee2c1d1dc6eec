import numpy as np
import pytest
import torch

from benchmark.records.augmentation import Augmentation
from benchmark.training.augmentation import draw_augmentation
from benchmark.training.augmentation.draws import FLIP, HEIGHT, LEFT, TOP, WIDTH, Draws
from core.errors import UserError

CPU = torch.device("cpu")
SETTINGS = Augmentation()


def draw(
    repetition: int = 0, epoch: int = 0, stream: str = "paired", settings: Augmentation = SETTINGS
) -> Draws:
    return draw_augmentation(repetition, epoch, 3000, stream, settings, (48, 64), CPU)


def test_an_epoch_is_drawn_from_repetition_epoch_and_stream_alone() -> None:
    first = draw()
    assert torch.equal(first.geometry, draw().geometry)
    assert torch.equal(first.colours, draw().colours)
    for other in (draw(repetition=1), draw(epoch=1), draw(stream="DEPTH")):
        assert not torch.equal(first.geometry, other.geometry)
        assert not torch.equal(first.colours, other.colours)


def test_other_settings_leave_flips_and_scales_as_they_are() -> None:
    first = draw()
    plain = draw(settings=Augmentation(brightness=0, contrast=0, saturation=0, hue=0))
    cropped = draw(settings=Augmentation(crop=(32, 32)))

    assert torch.equal(first.geometry, plain.geometry)
    assert torch.equal(plain.colours, torch.tensor([1.0, 1.0, 1.0, 0.0]).expand(3000, 4))
    kept = [FLIP, HEIGHT, WIDTH]
    assert torch.equal(first.geometry[:, kept], cropped.geometry[:, kept])


def test_flips_scales_and_colours_come_as_often_as_asked() -> None:
    draws = draw(settings=Augmentation(flip=0.25, scales=(0.5, 2.0), hue=0.2))
    geometry, colours = draws.geometry.numpy(), draws.colours.numpy()

    assert geometry[:, FLIP].mean() == pytest.approx(0.25, abs=0.03)
    assert set(geometry[:, HEIGHT]) == {24, 96}
    assert (geometry[:, HEIGHT] == 24).mean() == pytest.approx(0.5, abs=0.03)
    assert np.array_equal(geometry[:, WIDTH] * 48, geometry[:, HEIGHT] * 64)
    for column, (low, high) in enumerate(((0.6, 1.4), (0.6, 1.4), (0.6, 1.4), (-0.2, 0.2))):
        assert colours[:, column].min() == pytest.approx(low, abs=0.01)
        assert colours[:, column].max() == pytest.approx(high, abs=0.01)


def test_crops_lie_anywhere_inside_and_padding_on_both_sides() -> None:
    geometry = draw(settings=Augmentation(scales=(0.5, 1.25))).geometry.numpy()
    large = geometry[geometry[:, HEIGHT] == 60]
    small = geometry[geometry[:, HEIGHT] == 24]

    assert set(large[:, TOP]) == set(range(60 - 48 + 1))
    assert set(large[:, LEFT]) == set(range(80 - 64 + 1))
    assert set(small[:, TOP]) == {-12}
    assert set(small[:, LEFT]) == {-16}


def test_a_crop_larger_than_the_images_is_refused() -> None:
    with pytest.raises(UserError, match="crop: 48 x 65 pixels, but the images are 48 x 64"):
        draw(settings=Augmentation(crop=(48, 65)))
