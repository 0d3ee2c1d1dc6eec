"""Sheets of label maps: a valid picture whose tiles show images and classes side by side."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from core.errors import UserError
from datasets.base import Dataset
from datasets.looking.label_colours import class_palette, colour_labels
from datasets.looking.map_sheet import (
    COLUMN_TITLE,
    EXAMPLE_GAP,
    GAP,
    TILE,
    spread_over,
    write_map_sheet,
)
from datasets.looking.page import DPI, LINE, MARGIN
from datasets.preparing.readers import VOID

CLASSES = ("a", "b", "c")


@pytest.fixture
def dataset() -> Dataset:
    """Red images left, blue ones right; class 2 everywhere, nothing known in the lower half."""
    colours = np.zeros((6, 3, 12, 16), np.uint8)
    colours[:, 0, :, :8], colours[:, 2, :, 8:] = 200, 100
    depth = np.arange(6 * 12 * 16, dtype=np.uint16).reshape(6, 1, 12, 16)
    labels = np.full((6, 12, 16), 2, np.uint8)
    labels[:, 6:] = VOID
    modalities = {"RGB": colours, "DEPTH": depth}
    return Dataset("mine", modalities, labels, CLASSES, "0", ignore_index=VOID)


def test_label_maps_stand_in_colour_beside_their_images(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "new" / "sheet.png"
    write_map_sheet(dataset, path, rows=2, columns=2)
    page = matplotlib.image.imread(path)[..., :3]

    width, tile_height = page.shape[1] / DPI, TILE * 12 / 16
    assert width == pytest.approx(2 * MARGIN + 6 * TILE + 4 * GAP + EXAMPLE_GAP, abs=0.02)
    top = MARGIN + 1.8 * LINE + COLUMN_TITLE + tile_height + GAP  # the second row
    left = MARGIN + 3 * TILE + 2 * GAP + EXAMPLE_GAP  # the second example

    def at(tile: int, along: float, down: float) -> list[float]:
        x, y = left + tile * (TILE + GAP) + along * TILE, top + down * tile_height
        colour: list[float] = page[int(y * DPI), int(x * DPI)].tolist()
        return colour

    assert at(0, 0.25, 0.5) == pytest.approx([200 / 255, 0, 0], abs=0.01)
    assert at(0, 0.75, 0.5) == pytest.approx([0, 0, 100 / 255], abs=0.01)
    assert at(2, 0.5, 0.25) == pytest.approx(class_palette(3)[2].tolist(), abs=0.01)
    assert at(2, 0.5, 0.75) == [0, 0, 0]


def test_few_samples_fill_no_more_than_their_rows(dataset: Dataset, tmp_path: Path) -> None:
    write_map_sheet(dataset, tmp_path / "few.png", rows=8)
    write_map_sheet(dataset, tmp_path / "fewer.png", rows=2)
    few, fewer = (
        matplotlib.image.imread(tmp_path / name).shape[0] / DPI for name in ("few.png", "fewer.png")
    )
    assert few - fewer == pytest.approx(TILE * 12 / 16 + GAP, abs=0.02)


@pytest.mark.parametrize("classes", [2, 10, 13, 40])
def test_each_class_has_a_colour_of_its_own(classes: int) -> None:
    palette = class_palette(classes)
    assert len({tuple(colour) for colour in palette.tolist()}) == classes
    assert (palette.max(axis=1) > 0.2).all()  # none looks like what has no class


def test_what_is_no_class_is_black() -> None:
    shown = colour_labels(np.array([[0, 1], [VOID, -100]]), class_palette(2))
    assert np.array_equal(shown[0], class_palette(2))
    assert not shown[1].any()


def test_samples_come_from_the_whole_data_set() -> None:
    assert spread_over(100, 4) == [12, 37, 62, 87]
    assert spread_over(2, 4) == [0, 1]


def test_a_sheet_that_cannot_be_written(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write the sheet .*file/sheet\.png"):
        write_map_sheet(dataset, tmp_path / "file" / "sheet.png")
