"""How images are standardised before networks see them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.records.spec import RunSpec
from datasets.base import Array
from datasets.normalisation import fit_mean_and_deviation
from datasets.splits import Split

# Of the images that torchvision's ImageNet weights were trained on, in [0, 1].
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
COLOURS = "RGB"


@dataclass(frozen=True)
class Standardisation:
    """Per channel, (value / span - mean) / deviation; each (C,), float32.

    Attributes:
        span: what the stored values are divided by; 255 for colours, which then are in [0, 1].
        mean: of the divided values; `deviation` likewise.
        colours: the images are of red, green and blue in [0, 1].
    """

    span: NDArray[np.float32]
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    colours: bool


def fit_standardisation(name: str, images: Array, spec: RunSpec, split: Split) -> Standardisation:
    """How one modality is standardised in a repetition.

    Colours have the mean and deviation of ImageNet where networks start from weights that were
    trained on it. All else has those of its own training pixels, or of all its pixels where the
    protocol says so.

    Args:
        name: of the modality.
        images: (N, C, H, W).
        spec: the run.
        split: of its repetition.
    """
    channels = images.shape[1]
    colours = name == COLOURS and channels == 3 and images.dtype == np.uint8
    span = 255.0 if colours else 1.0
    if colours and spec.network.get("weights", "none") != "none":
        mean, deviation = np.array(IMAGENET_MEAN), np.array(IMAGENET_DEVIATION)
    elif spec.data.normalisation == "given":
        mean, deviation = np.zeros(channels), np.ones(channels)
    else:
        fitted_on = split.train if spec.data.normalisation == "training_split" else None
        mean, deviation = fit_mean_and_deviation(images, fitted_on)
        mean, deviation = mean / span, np.where(deviation > 0, deviation, span) / span
    return Standardisation(
        np.full(channels, span, np.float32),
        mean.astype(np.float32),
        deviation.astype(np.float32),
        colours,
    )
