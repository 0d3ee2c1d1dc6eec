"""Mid-Air from its tree: frames, disparity, classes, splits, bad input."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.preparing.cache import read_meta
from datasets.preparing.preparation import find_prepared
from datasets.preparing.readers import LABEL_MAPS, VOID, PreparationOptions
from datasets.published.midair import CARD, LABELS
from datasets.stand_ins.files import image_bytes
from datasets.stand_ins.midair import SIDE, write_midair
from datasets.stand_ins.scenes import make_scenes

Edit = Callable[..., None]
FRAME = "MidAir/PLE_training/spring/{}/trajectory_5000/000008.{}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_midair(tmp_path)
    return tmp_path


def _open(folder: Path, size: int = SIDE, **choices: str) -> Dataset:
    chosen = tuple(choices.items())
    return open_dataset(DatasetSource("published", CARD.name, folder, size, None, chosen))


def _of_flight(dataset: Dataset, group: str) -> np.ndarray:
    assert dataset.groups is not None
    return np.flatnonzero(dataset.groups == group)


def test_every_eighth_frame_of_each_flight_is_read(data: Path) -> None:
    dataset = _open(data)
    scenes = make_scenes(CARD.name, 13, 40, (SIDE, SIDE))

    assert len(dataset) == 40
    assert len(dataset.class_names) == 13
    flights = [f"training/trajectory_{number}" for number in range(5000, 5007)]
    training = np.concatenate([_of_flight(dataset, flight) for flight in flights])
    assert np.array_equal(dataset.labels[training], scenes.labels[:28])
    disparity = (512 / scenes.depth).astype(np.float16)
    assert np.array_equal(dataset.modalities["DEPTH"][training], disparity[:28])
    difference = dataset.modalities["RGB"][training].astype(float) - scenes.colours[:28]
    assert np.abs(difference).mean() < 20  # JPEG


def test_pixels_of_each_class_are_counted_when_data_is_prepared_and_not_again(data: Path) -> None:
    dataset = _open(data)
    counted = [(dataset.labels == index).sum(axis=(1, 2)) for index in range(13)]
    assert dataset.pixel_counts is not None
    assert np.array_equal(dataset.pixel_counts, np.stack(counted, axis=1))
    folder = find_prepared(CARD.name, data, PreparationOptions(image_size=SIDE))
    assert folder is not None
    np.load(folder / f"{LABEL_MAPS}.npy", mmap_mode="r+")[:] = VOID  # so that counting finds none
    assert np.array_equal(_open(data).pixel_counts, dataset.pixel_counts)


def test_metres_are_512_divided_by_the_disparity(data: Path, edit_zip: Edit) -> None:
    disparity = np.full((1, SIDE, SIDE), 64, np.float16)
    disparity[0, 0, :2], disparity[0, 1, :3] = 0, np.nan
    name = FRAME.format("stereo_disparity", "PNG")
    edit_zip(data / "MidAir.zip", {name: image_bytes(disparity.view(np.uint16))})
    metres = _open(data, depth="metres").modalities["DEPTH"]
    pixels = _open(data).modalities["DEPTH"]

    sample = _of_flight(_open(data), "training/trajectory_5000")[1]
    assert (metres[sample, 0, 2:] == 8).all()
    assert (metres[sample, 0, 0, :2] == 1250).all()
    assert (metres[sample, 0, 1, :3] == 0).all()
    assert (pixels[sample, 0, 2:] == 64).all()
    assert (pixels[sample, 0, 1, :3] == 0).all()
    for choices, holes in (((), 5), ((("depth", "metres"),), 3)):
        folder = find_prepared(CARD.name, data, PreparationOptions(SIDE, choices=choices))
        assert folder is not None
        meta = read_meta(folder)
        assert meta is not None
        assert meta.holes == {"DEPTH": holes}


def test_the_official_flights_are_tested_and_validation_holds_out_whole_ones(data: Path) -> None:
    dataset = _open(data)
    assert dataset.groups is not None
    split = dataset.split("paper", 1)
    assert {group.split("/")[0] for group in dataset.groups[split.test]} == {"test"}
    assert len(split.test) == 12
    assert len(split.validation) == 4
    assert len(set(dataset.groups[split.validation])) == 1
    assert not set(dataset.groups[split.train]) & set(dataset.groups[split.validation])


def test_images_of_half_the_size(data: Path) -> None:
    dataset = _open(data, SIDE // 2)
    assert dataset.modalities["DEPTH"].shape == (40, 1, 32, 32)
    assert set(np.unique(dataset.labels)) <= {*range(13), VOID}


def test_the_empty_label_is_no_class() -> None:
    assert "empty" not in CARD.class_names
    assert CARD.class_names[7] == LABELS[8] == "water plane"


def test_a_label_that_is_no_class(data: Path, edit_zip: Edit) -> None:
    labels = np.full((1, SIDE, SIDE), 14, np.uint8)
    edit_zip(data / "MidAir.zip", {FRAME.format("segmentation", "PNG"): image_bytes(labels)})
    with pytest.raises(UserError, match=r"000008\.PNG: found label 14 in 4,096 of 4,096.*0 to 13"):
        _open(data)


def test_images_and_labels_of_other_sizes(data: Path, edit_zip: Edit) -> None:
    small = image_bytes(np.zeros((3, 32, 32), np.uint8), "JPEG")
    edit_zip(data / "MidAir.zip", {FRAME.format("color_left", "JPEG"): small})
    with pytest.raises(UserError, match=r"000008\.JPEG has 32 x 32 pixels.* have 64 x 64"):
        _open(data)


def test_a_frame_without_partner_is_left_out_and_recorded(data: Path, edit_zip: Edit) -> None:
    edit_zip(data / "MidAir.zip", {FRAME.format("stereo_disparity", "PNG"): None})
    assert len(_open(data)) == 39
    folder = find_prepared(CARD.name, data, PreparationOptions(SIDE))
    assert folder is not None
    meta = read_meta(folder)
    assert meta is not None
    assert meta.skipped == ("training, trajectory_5000, frame 8: no image in stereo_disparity",)


def test_a_tree_without_test_flights(data: Path) -> None:
    with zipfile.ZipFile(data / "MidAir.zip") as archive:
        archive.extractall(data)
    (data / "MidAir.zip").unlink()
    shutil.rmtree(data / "MidAir" / "PLE_test")
    with pytest.raises(UserError, match="found no frame of PLE_test/spring with colours"):
        _open(data)


def test_an_extracted_folder_serves_as_the_archive(data: Path) -> None:
    expected = _open(data).fingerprint
    shutil.rmtree(data / "prepared")
    with zipfile.ZipFile(data / "MidAir.zip") as archive:
        archive.extractall(data)
    (data / "MidAir.zip").unlink()
    assert _open(data).fingerprint == expected
