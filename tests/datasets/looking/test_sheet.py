"""Sheets of examples: a valid picture of the right size whose tiles show the right values."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from core.errors import UserError
from datasets import CARDS
from datasets.base import Dataset
from datasets.looking.page import DPI, LABEL, LINE, MARGIN
from datasets.looking.sheet import COLUMN_TITLE, GAP, PAIR_GAP, TILE, write_sheet
from datasets.stand_ins.miniature import make_miniature

RANDOM = np.random.default_rng(0)
IMAGES = {
    "RGB": RANDOM.integers(0, 256, (12, 3, 20, 24)).astype(np.uint8),
    "DEPTH": RANDOM.integers(0, 8000, (12, 1, 16, 16)).astype(np.uint16),
    "SAR": RANDOM.normal(-12, 4, (12, 2, 16, 16)).astype(np.float16),
    "MS": RANDOM.integers(0, 4000, (12, 13, 16, 16)).astype(np.uint16),
}


def _dataset(*names: str, notes: tuple[str, ...] = ()) -> Dataset:
    labels = np.repeat(np.arange(3), [2, 3, 7])
    modalities = {name: IMAGES[name] for name in names}
    return Dataset("mine", modalities, labels, ("a", "b", "a_longer name"), "0", notes=notes)


def _inches(path: Path) -> tuple[float, float]:
    """Width and height of a PNG."""
    assert path.read_bytes().startswith(b"\x89PNG")
    height, width, _ = matplotlib.image.imread(path).shape
    return width / DPI, height / DPI


@pytest.mark.parametrize(
    "names", [("RGB", "DEPTH"), ("MS", "SAR"), ("DEPTH", "SAR"), ("RGB", "DEPTH", "MS")]
)
def test_size_follows_modalities_and_pairs(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = tmp_path / "new" / "sheet.png"
    write_sheet(_dataset(*names), path, pairs_per_class=5)
    width, height = _inches(path)
    pair = len(names) * (TILE + GAP) - GAP
    assert width == pytest.approx(2 * MARGIN + LABEL + 5 * pair + 4 * PAIR_GAP, abs=0.01)
    assert 3 * TILE < height < 3 * (TILE + GAP) + 2


def test_notes_are_wrapped_and_shown(tmp_path: Path) -> None:
    write_sheet(_dataset("MS", "SAR"), tmp_path / "plain.png")
    write_sheet(_dataset("MS", "SAR", notes=("word " * 50,)), tmp_path / "notes.png")
    plain, notes = _inches(tmp_path / "plain.png"), _inches(tmp_path / "notes.png")
    assert notes[0] == plain[0]
    assert notes[1] - plain[1] > 1.5 * LINE


def test_tiles_show_the_images(tmp_path: Path) -> None:
    red = np.zeros((12, 3, 16, 16), np.uint8)
    red[:, 0] = 200
    dataset = Dataset(
        "mine", {"RGB": red, "DEPTH": IMAGES["DEPTH"]}, np.repeat([0, 1], 6), ("a", "b"), "0"
    )
    write_sheet(dataset, tmp_path / "sheet.png")
    page = matplotlib.image.imread(tmp_path / "sheet.png")[..., :3]
    top = MARGIN + 1.8 * LINE + COLUMN_TITLE
    left = MARGIN + LABEL + TILE + GAP + TILE + PAIR_GAP  # the second pair of the first class
    middle = page[int((top + TILE / 2) * DPI), int((left + TILE / 2) * DPI)]
    assert middle == pytest.approx([200 / 255, 0, 0], abs=0.01)


def test_the_same_data_gives_the_same_file(tmp_path: Path) -> None:
    dataset = make_miniature(CARDS.get("tristar"))
    for name in ("one.png", "two.png"):
        write_sheet(dataset, tmp_path / name, pairs_per_class=1)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UserError, match="cannot write the sheet"):
        write_sheet(_dataset("MS", "SAR"), tmp_path / "taken" / "sheet.png", 1)
