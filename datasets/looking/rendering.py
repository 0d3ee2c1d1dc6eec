"""How the values of a modality become colours that a person can read."""

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from datasets.base import Array
from datasets.normalisation import fit_value_range

SAMPLED = 400  # images that the value range is taken from
TRUE_COLOUR = (3, 2, 1)  # red, green and blue among Sentinel-2 bands, which start B01, B02, B03
MIDDLE_BRIGHTNESS, STRONGEST_GAMMA = 0.35, 0.4  # for the median of Sentinel-2 images
STRETCHED = "stretched from percentile 2 to 98"
RADAR = ("SAR", "S1")
ELEVATION = ("DEM", "DSM")
COLOURMAPS = {
    "DEM": "cividis",
    "DSM": "cividis",
    "DEPTH": "viridis",
    "THERMAL": "inferno",
    "SPECTROGRAM": "magma",
}


@dataclass(frozen=True)
class Rendering:
    """One way to show images of a modality.

    Attributes:
        channels: three shown as red, green and blue, or one shown with a colour map.
        low: value of each of them that is darkest (1,) or (3,), float32.
        high: value of each of them that is brightest.
        gamma: power of the scaled values, below 1 where most would be too dark to see.
        colourmap: name of the colour map, or None for three channels.
        caption: what is shown, in a few words.
        unit: of the values, or empty where unknown.
    """

    channels: tuple[int, ...]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    gamma: float
    colourmap: str | None
    caption: str
    unit: str

    def colours(self, image: Array) -> NDArray[np.float32]:
        """Colours (H, W, 3) in [0, 1] of one image (C, H, W)."""
        values = np.moveaxis(image[list(self.channels)].astype(np.float32), 0, -1)
        scaled = np.clip((values - self.low) / (self.high - self.low), 0, 1) ** self.gamma
        if self.colourmap is not None:
            scaled = np.asarray(colormaps[self.colourmap](scaled[..., 0]))[..., :3]
        return scaled.astype(np.float32)


def make_rendering(
    modality: str, images: Array, normalised: bool, unit: str | None = None
) -> Rendering:
    """Choose how to show a modality from its name, channel count and values.

    Three channels are colours, four and more are taken for Sentinel-2 bands in their order, of
    one or two the first is shown with a colour map.

    Args:
        modality: its name.
        images: (N, C, H, W); at most a few hundred are read.
        normalised: the values are not in the unit of the source any more.
        unit: of the values, where the caller knows.
    """
    count = images.shape[1]
    channels = (0, 1, 2) if count == 3 else TRUE_COLOUR if count > 3 else (0,)
    chosen = np.unique(np.linspace(0, len(images) - 1, SAMPLED).astype(np.int64))
    sample = images[chosen][:, list(channels)].astype(np.float32)
    found = fit_value_range(sample, None)
    low, high, gamma = found.low, np.where(found.high > found.low, found.high, found.low + 1), 1.0
    caption = ""
    if count == 3 and (images.dtype == np.uint8 or normalised):
        low, high = np.zeros(3, np.float32), np.ones(3, np.float32)
        high *= 255 if images.dtype == np.uint8 else 1
        caption = "colours as they are"
    elif count == 3:
        caption = f"colours, {STRETCHED}"
    elif count > 3:
        middle = float(np.median((np.median(sample, axis=(0, 2, 3)) - low) / (high - low)))
        if 0 < middle < MIDDLE_BRIGHTNESS:  # snow or clouds take the upper part of the range
            gamma = max(float(np.log(MIDDLE_BRIGHTNESS) / np.log(middle)), STRONGEST_GAMMA)
        caption = f"channels 4, 3, 2 of {count} as red, green, blue, {STRETCHED}"
        caption += f", gamma {gamma:.2f}" * (gamma < 1)
    elif count == 2:
        caption = "VV, the first of 2 channels" if modality in RADAR else "the first of 2 channels"
    if unit is None:
        unit = "" if normalised else _recognise_unit(modality, images.dtype, float(low[0]))
    colourmap = COLOURMAPS.get(modality, "gray") if len(channels) == 1 else None
    return Rendering(channels, low, high, gamma, colourmap, caption, unit)


def _recognise_unit(modality: str, kind: np.dtype[np.generic], low: float) -> str:
    if modality in RADAR and kind.kind == "f" and low < 0:  # power and amplitude are positive
        return "dB"
    return "m" if modality in ELEVATION else ""
