"""Own data as npz or as the released npy layout: what is accepted, and every way to be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetNotFoundError, UserError
from datasets import DatasetSource, open_dataset
from datasets.own.npz import read_npz

Write = Callable[..., Path]


def _open(path: Path, kind: str = "npz", image_size: int | None = None):  # noqa: ANN202
    return open_dataset(DatasetSource(kind, "mine", path, image_size))  # type: ignore[arg-type]


def test_reads_modalities_in_file_order_with_groups_and_names(write_npz: Write) -> None:
    dataset = _open(write_npz(class_names=np.array(["water", "trees", "crops"])))
    assert dataset.channels == {"S2": 3, "S1": 2}
    assert dataset.class_names == ("water", "trees", "crops")
    assert dataset.groups is not None
    assert len(dataset) == 60


def test_fingerprint_follows_content_not_place_or_class_names(
    write_npz: Write, tmp_path: Path
) -> None:
    original = _open(write_npz())
    moved = (tmp_path / "data.npz").rename(tmp_path / "elsewhere.npz")
    assert _open(moved).fingerprint == original.fingerprint
    renamed = _open(write_npz(class_names=np.array(["a", "b", "c"])))
    assert renamed.fingerprint == original.fingerprint
    labels = np.repeat(np.arange(3), 20)
    labels[0] = 1
    assert _open(write_npz(labels=labels)).fingerprint != original.fingerprint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"S1": None}, "found 1 modality"),
        ({"S1": np.zeros((60, 8, 8), np.uint8)}, r"shape \(60, 8, 8\), expected \(N, C, H, W\)"),
        ({"S1": np.zeros((59, 1, 8, 8), np.uint8)}, "59 samples, but S2 has 60"),
        ({"S1": np.zeros((60, 1, 8, 8), np.float64)}, "type float64, expected one of"),
        ({"S1": np.full((60, 1, 8, 8), np.nan, np.float32)}, "NaN .* first in sample 0"),
        ({"S1": np.full((60, 1, 8, 8), np.inf, np.float16)}, "NaN or infinite"),
        ({"s1": np.zeros((60, 1, 8, 8), np.uint8)}, "'s1' is not one of .* such as 'S1'"),
        ({"labels": None}, "no array 'labels'"),
        ({"labels": np.zeros(59, np.int64)}, "59 labels for 60 samples"),
        ({"labels": np.zeros(60)}, "expected .* integers"),
        ({"labels": np.zeros((60, 8, 8), np.int64)}, "one class per pixel"),
        ({"labels": np.arange(60) % 3 - 1}, "from -1 to 1, expected 0 to"),
        ({"class_names": np.array(["a", "b"])}, "from 0 to 2, expected 0 to 1, one per entry"),
        ({"labels": np.array([2, 2] + [0, 1] * 29)}, "class 2 has 2 samples, but at least 3"),
        ({"labels": np.zeros(60, np.int64)}, "found 1 class"),
        ({"labels": np.array([10**15] + [0, 1, 2] * 19 + [0, 1])}, "class 3 has 0 samples"),
        ({"class_names": np.array("abc")}, r"class_names have shape \(\), expected one per class"),
        ({"groups": np.zeros(3)}, r"groups have shape \(3,\)"),
        ({"labels": np.array([{}] * 60)}, "cannot read"),
    ],
)  # fmt: skip
def test_bad_archives_are_refused_in_one_sentence(
    write_npz: Write, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message) as refusal:
        _open(write_npz(**changes))
    assert "\n" not in str(refusal.value)


def test_missing_truncated_and_foreign_files(tmp_path: Path, write_npz: Write) -> None:
    with pytest.raises(DatasetNotFoundError, match="no file"):
        read_npz("mine", tmp_path / "absent.npz")
    path = write_npz()
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match=r"cannot read .*data\.npz"):
        read_npz("mine", path)
    path.write_text("not an archive")
    with pytest.raises(UserError, match="cannot read"):
        read_npz("mine", path)


def test_resizing_keeps_type_and_mean(write_npz: Write) -> None:
    path = write_npz()
    small, large = _open(path, image_size=4), _open(path)
    for name, images in small.modalities.items():
        assert images.shape[2:] == (4, 4)
        assert images.dtype == large.modalities[name].dtype
        original = large.modalities[name].astype(np.float64)
        assert images.astype(np.float64).mean() == pytest.approx(original.mean(), rel=0.02)
    assert small.fingerprint == large.fingerprint


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
    dataset = _open(released, "npy")
    assert dataset.normalised
    assert dataset.channels == {"MS": 13, "SAR": 2}
    assert dataset.given_splits[0].test.tolist() == list(range(32, 40))


def test_given_index_files_belong_to_the_fingerprint(released: Path) -> None:
    before = _open(released, "npy").fingerprint
    np.save(released / "test_idx_0.npy", np.arange(33, 40))
    assert _open(released, "npy").fingerprint != before


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
        _open(released, "npy")


def test_released_layout_without_labels_or_folder(released: Path, tmp_path: Path) -> None:
    (released / "labels.npy").unlink()
    with pytest.raises(UserError, match=r"no file .*labels\.npy"):
        _open(released, "npy")
    with pytest.raises(DatasetNotFoundError, match="no folder"):
        _open(tmp_path / "absent", "npy")
