"""Own data as npz: what is accepted, and every way to be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetNotFoundError, UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.own.npz import read_npz

Write = Callable[..., Path]


def _open(path: Path) -> Dataset:
    return open_dataset(DatasetSource("npz", "mine", path))


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
