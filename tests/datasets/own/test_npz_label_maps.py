"""Own data with one class per pixel: what is accepted, and every way to be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import Dataset, DatasetSource, open_dataset

Write = Callable[..., Path]


def _open(path: Path, image_size: int | None = None) -> Dataset:
    return open_dataset(DatasetSource("npz", "mine", path, image_size))


def _labels(**values: int) -> np.ndarray:
    """Label maps as of `write_maps`, some pixels of the first changed: r<row>c<column>."""
    labels = np.tile(np.arange(16) % 3, (20, 16, 1))
    for place, value in values.items():
        row, column = place[1:].split("c")
        labels[0, int(row), int(column)] = value
    return labels


def test_label_maps_become_bytes_and_keep_their_classes(write_maps: Write) -> None:
    dataset = _open(write_maps(labels=_labels(r0c0=-1), ignore_index=np.array(-1)))
    assert dataset.task == "segmentation"
    assert dataset.labels.dtype == np.uint8
    assert dataset.ignore_index == 255
    assert dataset.labels[0, 0, 0] == 255
    assert np.array_equal(dataset.labels[1:], _labels()[1:])
    assert dataset.pixel_counts is not None
    assert dataset.pixel_counts[0].tolist() == [95, 80, 80]
    assert dataset.pixel_counts[1].tolist() == [96, 80, 80]


def test_an_ignored_value_may_be_one_of_the_classes(write_maps: Write) -> None:
    dataset = _open(write_maps(labels=_labels(), ignore_index=np.array(0)))
    assert dataset.ignore_index == 0
    assert dataset.class_names == ("dark", "mixed", "bright")
    assert dataset.pixel_counts is not None
    assert dataset.pixel_counts[0].tolist() == [0, 80, 80]


def test_every_pixel_may_have_a_class_without_a_name(write_maps: Write) -> None:
    dataset = _open(write_maps(labels=_labels(), ignore_index=None, class_names=None))
    assert dataset.ignore_index is None
    assert dataset.class_names == ("0", "1", "2")


def test_holes_in_depth_are_counted_and_set_to_zero(write_maps: Write) -> None:
    depth = np.ones((20, 1, 16, 16), np.float32)
    depth[3, 0, 5, :7] = np.nan
    dataset = _open(write_maps(DEPTH=depth))
    assert dataset.modalities["DEPTH"][3, 0, 5].tolist() == [0] * 7 + [1] * 9
    assert dataset.notes == ("DEPTH has 7 pixels without a value (0.14 %), set to 0",)


def test_resizing_takes_the_label_of_a_pixel_and_leaves_the_split(write_maps: Write) -> None:
    path = write_maps()
    small, large = _open(path, image_size=8), _open(path)
    assert small.labels.shape == (20, 8, 8)
    assert set(np.unique(small.labels)) <= set(np.unique(large.labels))
    for rule in ("paper", "by_group"):
        one, other = small.split(rule, 0), large.split(rule, 0)
        assert np.array_equal(one.train, other.train)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": _labels(r0c0=7)}, "from 0 to 7, expected 0 to 2, one per entry of class_names"),
        ({"labels": _labels(r0c0=-2)}, "from -2 to 2, expected 0 to 2.*array 'ignore_index'"),
        ({"labels": _labels()[:, :15]}, "but modality RGB has 20 images of 16 x 16"),
        ({"DEPTH": np.zeros((20, 1, 8, 8), "f4")}, "modality DEPTH has 20 images of 8 x 8"),
        ({"labels": _labels().astype("f4")}, "labels have type float32, expected integers"),
        ({"labels": np.full((20, 16, 16), 255)}, "no pixel has a class; give labels other"),
        ({"ignore_index": np.array([1, 2])}, "ignore_index has shape .* expected one integer"),
        ({"labels": np.zeros((20, 16, 16), int), "class_names": None}, "of 1 classes, expected 2"),
        ({"labels": np.arange(20) % 3}, "ignore_index is for one class per pixel"),
        ({"RGB": np.full((20, 3, 16, 16), np.nan, "f4")}, "modality RGB has NaN"),
        ({"DEPTH": np.full((20, 1, 16, 16), np.inf, "f4")}, "modality DEPTH has NaN or infinite"),
    ],
)  # fmt: skip
def test_bad_archives_are_refused_in_one_sentence(
    write_maps: Write, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message) as refusal:
        _open(write_maps(**changes))
    assert "\n" not in str(refusal.value)
