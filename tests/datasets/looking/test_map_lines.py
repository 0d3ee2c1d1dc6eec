"""Lines of images and label maps: each in its place, in colour, with the classes that are there."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from datasets.looking.label_colours import class_palette
from datasets.looking.map_lines import (
    APART,
    GAP,
    HEADING_LINE,
    LETTER,
    TILE,
    MapLine,
    draw_map_lines,
)
from datasets.looking.page import DPI, MARGIN

CLASSES = ("a", "b", "c", "d")


def test_images_and_maps_stand_in_their_columns(tmp_path: Path) -> None:
    red = np.broadcast_to(np.array([1, 0, 0], np.float32), (6, 8, 3))
    first, second = np.full((6, 8), 1, np.uint8), np.full((6, 8), 3, np.uint8)
    void = np.full((6, 8), 255, np.uint8)
    lines = [
        MapLine("one", "", [red], [first, None]),
        MapLine("two", "", [None], [second, void], apart=True),
    ]
    page = draw_map_lines(["image"], ["truth", "map"], lines, CLASSES)
    texts = [text.get_text() for text in page.canvas.figure.texts]
    assert [text for text in texts if text in {*CLASSES, "no class"}] == ["b", "d", "no class"]
    page.save(tmp_path / "page.png")
    pixels = matplotlib.image.imread(tmp_path / "page.png")[..., :3]

    left, top = MARGIN + 3 * LETTER + GAP, MARGIN + HEADING_LINE + GAP
    tile_height = TILE * 6 / 8

    def at(column: int, line: int) -> list[float]:
        x = left + (column + 0.5) * TILE + column * GAP + APART * (column > 0)
        y = top + (line + 0.5) * tile_height + line * (GAP + APART)
        colour: list[float] = pixels[int(y * DPI), int(x * DPI)].tolist()
        return colour

    palette, white = class_palette(4), [1, 1, 1]
    assert [at(0, 0), at(0, 1)] == [pytest.approx([1, 0, 0]), white]
    assert [at(1, 0), at(1, 1)] == [pytest.approx(palette[i].tolist(), abs=0.01) for i in (1, 3)]
    assert [at(2, 0), at(2, 1)] == [white, [0, 0, 0]]
