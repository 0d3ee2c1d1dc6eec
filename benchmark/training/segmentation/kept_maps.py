"""Which label maps are kept beside a record, for pictures."""

import numpy as np
from numpy.typing import NDArray

from benchmark.training.segmentation.data import SegmentationData

MOST_IMAGES = 24
MOST_PIXELS = 4_000_000  # of all kept maps of one network; compressed, some hundred kilobytes


def kept_places(data: SegmentationData) -> NDArray[np.int64]:
    """Places in the test part, ascending: spread evenly over it, the same for all methods.

    At most 24 images, fewer where they are large; at least one.
    """
    height, width = data.size
    number = max(1, min(MOST_IMAGES, MOST_PIXELS // (height * width), len(data.split.test)))
    places = np.linspace(0, len(data.split.test) - 1, number).round()
    return np.unique(places.astype(np.int64))
