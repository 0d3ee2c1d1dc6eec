"""How values become colours, and which unit they have."""

import numpy as np
import pytest

from datasets.looking.rendering import make_rendering

RANDOM = np.random.default_rng(0)


IMAGES = {
    "RGB": RANDOM.integers(0, 256, (12, 3, 20, 24)).astype(np.uint8),
    "DEPTH": RANDOM.integers(0, 8000, (12, 1, 16, 16)).astype(np.uint16),
    "SAR": RANDOM.normal(-12, 4, (12, 2, 16, 16)).astype(np.float16),
    "MS": RANDOM.integers(0, 4000, (12, 13, 16, 16)).astype(np.uint16),
}


@pytest.mark.parametrize(
    ("name", "channels", "colourmap", "unit"),
    [
        ("RGB", (0, 1, 2), None, ""),
        ("MS", (3, 2, 1), None, ""),
        ("SAR", (0,), "gray", "dB"),
        ("DEPTH", (0,), "viridis", ""),
    ],
)
def test_channels_colours_and_units(
    name: str, channels: tuple[int, ...], colourmap: str | None, unit: str
) -> None:
    found = make_rendering(name, IMAGES[name], normalised=False)
    assert (found.channels, found.colourmap, found.unit) == (channels, colourmap, unit)
    colours = found.colours(IMAGES[name][0])
    assert colours.shape == (*IMAGES[name].shape[2:], 3)
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_units_of_the_caller_come_first_and_normalised_values_have_none() -> None:
    assert make_rendering("DEPTH", IMAGES["DEPTH"], False, "mm").unit == "mm"
    assert make_rendering("SAR", IMAGES["SAR"], normalised=True).unit == ""
    assert make_rendering("SAR", np.abs(IMAGES["SAR"]), normalised=False).unit == ""
    assert make_rendering("DEM", IMAGES["DEPTH"], normalised=False).unit == "m"


def test_dark_images_beside_snow_are_brightened() -> None:
    images = RANDOM.integers(300, 1500, (50, 12, 8, 8)).astype(np.int16)
    images[:10] = 10_000
    found = make_rendering("S2", images, normalised=False)
    assert found.gamma < 1
    assert "gamma" in found.caption
    assert np.median(found.colours(images[20])) > 0.25


def test_constant_channels_are_shown() -> None:
    images = np.full((5, 1, 8, 8), 3, np.float32)
    assert np.isfinite(make_rendering("DEPTH", images, normalised=False).colours(images[0])).all()
