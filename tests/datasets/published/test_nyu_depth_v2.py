"""NYU Depth v2 from its MATLAB files and from folders: axes, classes, holes, splits, bad input."""

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from core.errors import DatasetNotFoundError, UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.preparing.cache import CacheMeta, read_meta
from datasets.preparing.preparation import find_prepared
from datasets.preparing.readers import VOID, PreparationOptions
from datasets.published.nyu_depth_v2 import CARD, CLASSES_13, CLASSES_40, TO_13
from datasets.published.nyu_depth_v2_matlab import read_class_map, read_splits
from datasets.stand_ins.files import image_bytes
from datasets.stand_ins.nyu_depth_v2 import (
    SAMPLES,
    SIZE,
    scene_name,
    write_nyu_folders,
    write_nyu_matlab,
)
from datasets.stand_ins.scenes import make_scenes

Edit = Callable[..., None]
LABELLED = "nyu_depth_v2_labeled.mat"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_nyu_matlab(tmp_path)
    return tmp_path


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    write_nyu_folders(tmp_path)
    return tmp_path


def _open(folder: Path, size: int = SIZE[0], **choices: str) -> Dataset:
    chosen = tuple(choices.items())
    return open_dataset(DatasetSource("published", CARD.name, folder, size, None, chosen))


def _meta(folder: Path, size: int = SIZE[0], **choices: str) -> CacheMeta:
    options = PreparationOptions(size, choices=tuple(choices.items()))
    prepared = find_prepared(CARD.name, folder, options)
    assert prepared is not None
    meta = read_meta(prepared)
    assert meta is not None
    return meta


def _change(folder: Path, name: str, place: tuple[int, ...], value: float) -> None:
    with h5py.File(folder / LABELLED, "r+") as file:
        file[name][place] = value


def test_the_labelled_file_gives_images_depth_and_classes_the_right_way_round(data: Path) -> None:
    dataset = _open(data)
    scenes = make_scenes(CARD.name, 40, SAMPLES, SIZE)

    assert dataset.task == "segmentation"
    assert dataset.class_names == CLASSES_40
    assert dataset.ignore_index == VOID
    assert np.array_equal(dataset.modalities["RGB"], scenes.colours)
    assert np.array_equal(dataset.modalities["DEPTH"], (scenes.depth * 1000).round())
    assert np.array_equal(dataset.labels, scenes.labels)
    for array in (*dataset.modalities.values(), dataset.labels):
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [scene_name(sample) for sample in range(SAMPLES)]


def test_the_official_test_part_stays_and_validation_is_held_out_by_scene(data: Path) -> None:
    dataset = _open(data)
    held_out = set()
    for repetition in range(5):
        split = dataset.split("paper", repetition)
        assert np.array_equal(split.test, np.flatnonzero(np.arange(SAMPLES) // 3 % 3 == 0))
        together = np.concatenate([split.train, split.validation, split.test])
        assert np.array_equal(np.sort(together), np.arange(SAMPLES))
        assert dataset.groups is not None
        assert not set(dataset.groups[split.train]) & set(dataset.groups[split.validation])
        assert np.array_equal(split.train, dataset.split("paper", repetition).train)
        held_out.add(tuple(split.validation.tolist()))
    assert len(held_out) > 1


def test_folders_give_what_the_labelled_file_gives(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = _open(data)
    other = tmp_path_factory.mktemp("folders")
    write_nyu_folders(other)
    found = _open(other)

    assert np.array_equal(found.labels, expected.labels)
    assert np.array_equal(found.modalities["DEPTH"], expected.modalities["DEPTH"])
    difference = found.modalities["RGB"].astype(int) - expected.modalities["RGB"]
    assert np.abs(difference).mean() < 20  # JPEG
    assert found.official_test is not None
    assert np.array_equal(found.official_test, expected.official_test)
    assert found.groups is None


def test_thirteen_classes_join_the_forty(data: Path) -> None:
    forty, thirteen = _open(data), _open(data, classes="13")

    assert thirteen.class_names == CLASSES_13
    known = forty.labels != VOID
    joined = np.array(TO_13)[forty.labels[known]] - 1
    assert np.array_equal(thirteen.labels[known], joined)
    assert (thirteen.labels[~known] == VOID).all()
    named = {CLASSES_40[number]: CLASSES_13[joined - 1] for number, joined in enumerate(TO_13)}
    assert (named["bookshelf"], named["curtain"], named["television"]) == (
        "furniture",
        "window",
        "tv",
    )


def test_holes_are_zero_and_counted_and_are_not_mixed_with_depth(data: Path) -> None:
    filled = _open(data)
    _change(data, "rawDepths", (0, 60, 40), np.nan)
    raw = _open(data, depth="rawDepths")
    small = _open(data, 12, depth="rawDepths")

    holes = raw.modalities["DEPTH"] == 0
    assert _meta(data).holes == {"DEPTH": 0}
    assert _meta(data, depth="rawDepths").holes == {"DEPTH": holes.sum()}
    assert holes.sum() == SAMPLES * 8 * SIZE[1] + 1
    assert holes[0, 0, 40, 60]
    assert np.array_equal(raw.modalities["DEPTH"][~holes], filled.modalities["DEPTH"][~holes])
    assert small.modalities["DEPTH"].shape == (SAMPLES, 1, 12, 16)
    assert set(np.unique(small.modalities["DEPTH"])) <= set(np.unique(raw.modalities["DEPTH"]))


def test_the_official_lists_divide_1449_images(material: Path) -> None:
    folder = material / "data" / "nyuv2_meta"
    test = read_splits(folder / "splits.mat", 1449)
    assert (~test).sum() == 795
    assert test.sum() == 654
    assert not test[2]  # number 3 is the first of the training part
    numbers = read_class_map(folder / "classMapping40.mat", 40)
    assert len(numbers) == 894
    assert CLASSES_40[numbers[20] - 1] == "wall"  # name 21 is "wall"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (LABELLED, b"MATLAB 5.0 MAT-file", "cannot read .*labeled.mat as HDF5.*fetch the official"),
        ("splits.mat", b"nothing", r"cannot read .*splits.mat as a MATLAB file \("),
    ],
)
def test_files_of_another_kind(data: Path, name: str, content: bytes, message: str) -> None:
    (data / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        _open(data)


def test_missing_splits(data: Path) -> None:
    (data / "splits.mat").unlink()
    with pytest.raises(DatasetNotFoundError, match=r"incomplete: found .*labeled.mat.* no splits"):
        _open(data)


def test_splits_of_other_data(data: Path) -> None:
    savemat(data / "splits.mat", {"trainNdxs": np.arange(1, 796), "testNdxs": np.arange(796, 1450)})
    with pytest.raises(UserError, match="divides 795 and 654 images.*1449, expected each of 1 to"):
        _open(data)


def test_a_class_map_of_other_classes(data: Path) -> None:
    savemat(data / "classMapping40.mat", {"mapClass": np.arange(894)})
    with pytest.raises(UserError, match="894 names to the classes 0 to 893, expected .* 1 to 40"):
        _open(data)
    savemat(data / "classMapping40.mat", {"classMapping13": np.arange(1, 14)})
    with pytest.raises(UserError, match="found classMapping13 but no array 'mapClass'"):
        _open(data)


def test_labels_without_a_class(data: Path) -> None:
    _change(data, "labels", (7, 3, 2), 895)
    with pytest.raises(UserError, match="image 8: found label 895 in 1 of 3,072 pixels.*0 to 80"):
        _open(data)


def test_a_file_with_other_arrays(data: Path) -> None:
    with h5py.File(data / LABELLED, "r+") as file:
        del file["depths"]
        file["depths"] = np.zeros((SAMPLES, 64, 40), np.float32)
    with pytest.raises(UserError, match=r"depths \(36, 64, 40\) and labels \(36, 64, 48\)"):
        _open(data)
    with h5py.File(data / LABELLED, "r+") as file:
        del file["labels"]
    with pytest.raises(UserError, match="no array 'labels' but #refs#, depths, images"):
        _open(data)


def test_an_image_and_its_label_of_other_sizes(folders: Path, edit_zip: Edit) -> None:
    small = image_bytes(np.zeros((1, 40, 64), np.uint8))
    edit_zip(folders / "NYUDepthv2.zip", {"NYUDepthv2/Label/3.png": small})
    with pytest.raises(UserError, match=r"RGB/3\.jpg has 48 x 64 pixels.* have 40 x 64 \("):
        _open(folders)


def test_an_image_that_no_folder_has(folders: Path, edit_zip: Edit) -> None:
    edit_zip(folders / "NYUDepthv2.zip", {"NYUDepthv2/Depth/3.png": None})
    with pytest.raises(UserError, match=r"names 3, but there is no such image in Depth"):
        _open(folders)


def test_lists_that_are_missing_or_share_images(folders: Path, edit_zip: Edit) -> None:
    archive = folders / "NYUDepthv2.zip"
    edit_zip(archive, {"NYUDepthv2/test.txt": b"RGB/3.jpg Label/3.png\n"})
    with pytest.raises(UserError, match=r"image 3 is in train\.txt and again in test\.txt"):
        _open(folders)
    edit_zip(archive, {"NYUDepthv2/test.txt": None})
    with pytest.raises(UserError, match=r"found no test\.txt, expected it beside the folders"):
        _open(folders)


def test_an_extracted_folder_serves_as_the_archive(folders: Path) -> None:
    expected = _open(folders).fingerprint
    shutil.rmtree(folders / "prepared")
    shutil.unpack_archive(folders / "NYUDepthv2.zip", folders)
    (folders / "NYUDepthv2.zip").unlink()
    assert _open(folders).fingerprint == expected
