"""Own data in the released npy layout: what is accepted, and every way to be wrong."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetNotFoundError, UserError
from datasets import Dataset, DatasetSource, open_dataset


def _open(path: Path) -> Dataset:
    return open_dataset(DatasetSource("npy", "mine", path))


@pytest.fixture
def released(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    folder = tmp_path / "EUROSAT"
    folder.mkdir()
    for name, channels in (("MS", 13), ("SAR", 2)):
        images = random.random((40, channels, 8, 8)).astype(np.float32)
        np.save(folder / f"{name}_data_normalized.npy", images)
    np.save(folder / "labels.npy", np.arange(40) % 4)
    for part, indices in (("train", range(28)), ("valid", range(28, 32)), ("test", range(32, 40))):
        np.save(folder / f"{part}_idx_0.npy", np.array(indices))
    return folder


def test_released_layout_is_used_as_it_is(released: Path) -> None:
    dataset = _open(released)
    assert dataset.normalised
    assert dataset.channels == {"MS": 13, "SAR": 2}
    assert dataset.given_splits[0].test.tolist() == list(range(32, 40))


def test_given_index_files_belong_to_the_fingerprint(released: Path) -> None:
    before = _open(released).fingerprint
    np.save(released / "test_idx_0.npy", np.arange(33, 40))
    assert _open(released).fingerprint != before


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("SAR_data_normalized", np.full((40, 2, 8, 8), 3, np.float32), "values go from 3 to 3"),
        ("SAR_data_normalized", np.zeros((39, 2, 8, 8), np.float32), "39 samples, but MS has 40"),
        ("valid_idx_0", np.array([27]), "share samples"),
        ("valid_idx_0", np.array([40]), "indices from 40 to 40, expected 0 to 39"),
        ("valid_idx_0", np.array([], np.int64), "not a list of indices"),
    ],
)
def test_bad_released_layouts(released: Path, name: str, array: np.ndarray, message: str) -> None:
    np.save(released / f"{name}.npy", array)
    with pytest.raises(UserError, match=message):
        _open(released)


def test_released_layout_without_labels_or_folder(released: Path, tmp_path: Path) -> None:
    (released / "labels.npy").unlink()
    with pytest.raises(UserError, match=r"no file .*labels\.npy"):
        _open(released)
    with pytest.raises(DatasetNotFoundError, match="no folder"):
        _open(tmp_path / "absent")
