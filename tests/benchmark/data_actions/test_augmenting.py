"""The sheet of augmented samples."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from benchmark.data_actions.augmenting import EPOCHS, draw_augmented
from benchmark.records.augmentation import Augmentation
from core.errors import UserError
from datasets.base import Dataset
from datasets.looking.map_sheet import COLUMN_TITLE, EXAMPLE_GAP, GAP, TILE
from datasets.looking.page import DPI, LINE, MARGIN


@pytest.fixture
def dataset() -> Dataset:
    """Images whose left half is bright and of class 1, and whose right half is dark."""
    colours = np.full((8, 3, 16, 16), 40, np.uint8)
    colours[:, :, :, :8] = 200
    labels = (colours[:, 0] > 100).astype(np.uint8)
    modalities = {"RGB": colours, "DEPTH": colours[:, :1].astype(np.float16)}
    return Dataset("mine", modalities, labels, ("dark", "bright"), "0", ignore_index=255)


def _tile(page: np.ndarray, row: int, column: int, place: int) -> np.ndarray:
    """The inner part of one picture of a sheet of square images."""
    left = MARGIN + column * (3 * TILE + 2 * GAP + EXAMPLE_GAP) + place * (TILE + GAP)
    top = MARGIN + 1.8 * LINE + 2 * COLUMN_TITLE + row * (TILE + GAP)
    first, last = 0.05 * TILE, 0.95 * TILE
    rows = slice(int((top + first) * DPI), int((top + last) * DPI))
    return page[rows, int((left + first) * DPI) : int((left + last) * DPI)]


def test_images_and_labels_of_a_draw_have_the_same_geometry(
    dataset: Dataset, tmp_path: Path
) -> None:
    plain = Augmentation(scales=(1.0,), brightness=0, contrast=0, saturation=0, hue=0)
    draw_augmented(dataset, tmp_path / "sheet.png", plain)
    page = matplotlib.image.imread(tmp_path / "sheet.png")[..., :3]

    mirrored = set()
    for row in range(6):
        for column in range(1 + EPOCHS):
            bright = _tile(page, row, column, 0).mean(axis=2) > 0.5
            labels = _tile(page, row, column, 2)
            dark_colour = labels[np.unravel_index(bright.argmin(), bright.shape)]
            assert (bright == (labels != dark_colour).any(axis=2)).mean() > 0.9
            mirrored.add((column > 0, bool(bright[:, : bright.shape[1] // 2].mean() < 0.5)))
    assert mirrored == {(False, False), (True, False), (True, True)}


def test_images_of_one_class_each_are_not_augmented_so(tmp_path: Path) -> None:
    images = np.zeros((8, 1, 8, 8), np.uint8)
    plain = Dataset("mine", {"A": images, "B": images}, np.arange(8) % 2, ("a", "b"), "0")
    with pytest.raises(UserError, match="one class per image.*without --augmented"):
        draw_augmented(plain, tmp_path / "sheet.png", Augmentation())
