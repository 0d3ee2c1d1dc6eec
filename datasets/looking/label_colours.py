"""Colours for the classes of label maps."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from datasets.base import Labels

FEW = 10
VOID_COLOUR = (0.0, 0.0, 0.0)


def class_palette(classes: int) -> NDArray[np.float32]:
    """A colour in [0, 1] for each class (classes, 3); from 61 classes on, colours come again."""
    names = ("tab10",) if classes <= FEW else ("tab20", "tab20b", "tab20c")
    colours = np.concatenate([colormaps[name](np.arange(colormaps[name].N)) for name in names])
    return colours[np.arange(classes) % len(colours), :3].astype(np.float32)


def colour_labels(labels: Labels, palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours (H, W, 3) of a label map (H, W); what is no class is black."""
    known = (labels >= 0) & (labels < len(palette))
    shown = palette[np.where(known, labels, 0)]
    shown[~known] = VOID_COLOUR
    return shown
