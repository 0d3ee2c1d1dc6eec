"""ISPRS Potsdam from its archives: crops, bands, both kinds of labels, splits, bad input."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetNotFoundError, UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.preparing.readers import VOID
from datasets.published.potsdam import CARD, COLOURS, TILES, read_colours
from datasets.stand_ins.files import image_bytes, tiff_bytes
from datasets.stand_ins.potsdam import NARROW, SIDE, write_potsdam
from datasets.stand_ins.scenes import FARTHEST, make_scenes

Edit = Callable[..., None]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("potsdam")
    write_potsdam(folder)
    return folder


@pytest.fixture
def data(archives: Path, tmp_path: Path) -> Path:
    for archive in archives.glob("*.zip"):
        shutil.copy(archive, tmp_path)
    return tmp_path


def _open(folder: Path, size: int = SIDE // 12, **choices: str) -> Dataset:
    chosen = tuple(choices.items())
    return open_dataset(DatasetSource("published", CARD.name, folder, size, None, chosen))


def _tiles(crops: np.ndarray) -> np.ndarray:
    """Tiles (38, C, 72, 72) of their 12 x 12 crops."""
    rows = crops.reshape(len(TILES), 12, 12, crops.shape[1], *crops.shape[2:])
    return rows.transpose(0, 3, 1, 4, 2, 5).reshape(len(TILES), crops.shape[1], SIDE, SIDE)


def test_crops_put_together_again_are_the_tiles(data: Path) -> None:
    dataset = _open(data)
    scenes = make_scenes(CARD.name, 6, len(TILES), (SIDE, SIDE))

    assert len(dataset) == CARD.samples == 5472
    assert dataset.class_names == tuple(COLOURS)
    assert np.array_equal(_tiles(dataset.modalities["RGB"]), scenes.colours)
    clutter = np.where(scenes.labels == VOID, 5, scenes.labels)
    assert np.array_equal(_tiles(dataset.labels[:, None])[:, 0], clutter)
    heights = _tiles(dataset.modalities["DEPTH"]).astype(float)
    assert np.abs(heights - scenes.depth * 255 / FARTHEST).mean() < 4  # JPEG


def test_crops_are_resized(data: Path) -> None:
    dataset = _open(data, 16, crops="3")
    assert dataset.modalities["RGB"].shape == (38 * 9, 3, 16, 16)
    assert dataset.labels.shape == (38 * 9, 16, 16)
    assert set(np.unique(dataset.labels)) <= set(range(6))


def test_the_official_tiles_are_tested_and_validation_holds_out_whole_ones(data: Path) -> None:
    dataset = _open(data, crops="1")
    assert dataset.groups is not None
    split = dataset.split("paper", 0)
    official = "2_13 2_14 3_13 3_14 4_13 4_14 4_15 5_13 5_14 5_15 6_13 6_14 6_15 7_13"
    assert dataset.groups[split.test].tolist() == official.split()
    assert len(split.validation) == 2
    assert len(split.train) == 22
    crops = _open(data)
    assert crops.groups is not None
    split = crops.split("paper", 3)
    assert len(split.validation) == 2 * 144
    assert not set(crops.groups[split.train]) & set(crops.groups[split.validation])


def test_other_bands_come_from_the_tiles_of_four(data: Path) -> None:
    irrg, irgb, rgb = (
        _open(data, SIDE, crops="1", bands=bands).modalities["RGB"]
        for bands in ("irrg", "irgb", "rgb")
    )
    assert np.array_equal(irgb[:, 0], irrg[:, 0])
    assert np.array_equal(irgb[:, 1:], rgb[:, 1:])
    assert np.array_equal(rgb[:, 0], irrg[:, 1])
    assert np.array_equal(rgb[:, 1], irrg[:, 2])


def test_labels_without_boundaries_leave_pixels_out(data: Path) -> None:
    labels = _open(data, SIDE, crops="1", labels="no_boundary").labels
    scenes = make_scenes(CARD.name, 6, len(TILES), (SIDE, SIDE))
    assert np.array_equal(labels, scenes.labels)


def test_a_missing_last_column_is_repeated(data: Path) -> None:
    heights = _open(data, SIDE, crops="1").modalities["DEPTH"][TILES.index(NARROW), 0]
    assert np.array_equal(heights[:, -1], heights[:, -2])


def test_two_missing_columns_are_refused(data: Path, edit_zip: Edit) -> None:
    name = "1_DSM_normalisation/dsm_potsdam_03_13_normalized_lastools.jpg"
    narrow = image_bytes(np.zeros((1, SIDE, SIDE - 2), np.uint8), "JPEG")
    edit_zip(data / "1_DSM_normalisation.zip", {name: narrow})
    with pytest.raises(UserError, match=r"lastools\.jpg has 72 x 70 pixels, but its image"):
        _open(data)


def test_a_tile_that_is_missing(data: Path, edit_zip: Edit) -> None:
    edit_zip(data / "5_Labels_all.zip", {"5_Labels_all/top_potsdam_4_15_label.tif": None})
    with pytest.raises(UserError, match="found 37 of 38 tiles, the first that is missing is 4_15"):
        _open(data)


def test_archives_that_the_options_need(data: Path) -> None:
    (data / "4_Ortho_RGBIR.zip").unlink()
    _open(data)
    with pytest.raises(UserError, match=r"the chosen options need 4_Ortho_RGBIR\.zip"):
        _open(data, bands="rgb")
    (data / "5_Labels_all.zip").unlink()
    shutil.rmtree(data / "prepared")
    with pytest.raises(DatasetNotFoundError, match=r"incomplete: found .* no 5_Labels_all\.zip"):
        _open(data)


def test_a_tile_that_crops_do_not_divide(data: Path) -> None:
    write_potsdam(data, side=70)
    with pytest.raises(UserError, match="70 x 70 pixels, which 12 x 12 crops do not divide"):
        _open(data)


def test_a_colour_that_is_no_class(data: Path, edit_zip: Edit) -> None:
    colours = np.zeros((3, SIDE, SIDE), np.uint8)
    colours[:, 7, 9] = (255, 0, 255)
    name = "5_Labels_all/top_potsdam_2_10_label.tif"
    edit_zip(data / "5_Labels_all.zip", {name: tiff_bytes(colours, colours=True)})
    with pytest.raises(UserError, match="colours as three bits: found label 5 in 1 of 5,184"):
        _open(data)
    colours[:, 7, 9] = (128, 64, 128)
    edit_zip(data / "5_Labels_all.zip", {name: tiff_bytes(colours, colours=True)})
    with pytest.raises(UserError, match="colour 128, 64, 128 in row 8, column 10, expected"):
        _open(data)


def test_nearly_exact_colours_are_read() -> None:
    colours = np.array([[[252]], [[255]], [[3]]], np.uint8)
    assert read_colours(colours, "a tile").item() == list(COLOURS).index("car")


def test_extracted_folders_serve_as_archives(data: Path) -> None:
    expected = _open(data, crops="1").fingerprint
    shutil.rmtree(data / "prepared")
    for archive in data.glob("*.zip"):
        with zipfile.ZipFile(archive) as content:
            content.extractall(data)
        archive.unlink()
    assert _open(data, crops="1").fingerprint == expected
