"""Opening a data set by its source."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from datasets import Dataset, DatasetSource, open_dataset

Write = Callable[..., Path]


def _open(path: Path, image_size: int | None = None) -> Dataset:
    return open_dataset(DatasetSource("npz", "mine", path, image_size))


def test_resizing_keeps_type_and_mean(write_npz: Write) -> None:
    path = write_npz()
    small, large = _open(path, image_size=4), _open(path)
    for name, images in small.modalities.items():
        assert images.shape[2:] == (4, 4)
        assert images.dtype == large.modalities[name].dtype
        original = large.modalities[name].astype(np.float64)
        assert images.astype(np.float64).mean() == pytest.approx(original.mean(), rel=0.02)
    assert small.fingerprint == large.fingerprint
