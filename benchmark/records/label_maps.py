"""The label maps of some test samples that lie beside a record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.records.predictions import unpack_predictions

NO_CLASS = 255  # of a true pixel; classes are fewer
INDICES, TRUTH = "indices", "targets"

Maps = NDArray[np.uint8]  # (n, H, W)


@dataclass(frozen=True)
class LabelMaps:
    """Some test samples, one class per pixel.

    Attributes:
        indices: of the samples in their data set, (n,).
        truth: class indices (n, H, W), uint8, `NO_CLASS` where a pixel has none.
        predicted: network, as in predictions -> class indices (n, H, W), uint8.
        class_names: one name per class.
    """

    indices: NDArray[np.int64]
    truth: Maps
    predicted: Mapping[str, Maps]
    class_names: Sequence[str]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        _, height, width = self.truth.shape
        return height, width


def unpack_label_maps(
    content: bytes, class_names: Sequence[str], names: Collection[str] | None = None
) -> LabelMaps:
    """Read a file of label maps; with `names`, the predictions of those networks that it has.

    Raises:
        ValueError: it is no such file, or damaged.
    """
    wanted = None if names is None else {INDICES, TRUTH, *names}
    arrays = unpack_predictions(content, wanted)
    try:
        indices, truth = arrays.pop(INDICES), arrays.pop(TRUTH)
    except KeyError as missing:
        raise ValueError(f"no array {missing}") from None
    for name, maps in {TRUTH: truth, **arrays}.items():
        if maps.shape != truth.shape or len(maps) != len(indices) or maps.ndim != 3:
            raise ValueError(f"{name} of shape {maps.shape} beside {len(indices)} samples")
    return LabelMaps(indices, truth, arrays, tuple(class_names))
