"""A sheet of example pairs: what a network is going to see, on one page."""

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Dataset
from datasets.looking.rendering import Rendering, make_rendering

DPI = 150
# All lengths in inches.
TILE, GAP, PAIR_GAP = 0.8, 0.04, 0.16
MARGIN, LABEL, LINE = 0.15, 1.5, 0.17
COLUMN_TITLE, LEGEND_LINE = 0.22, 0.24
BAR_LENGTH, BAR_HEIGHT, NUMBER = 1.6, 0.1, 0.6
NARROWEST = 6.5
LABEL_LETTERS, TITLE_LETTERS, LETTERS_PER_INCH = 20, 9, 15.5
INK, FAINT = "#222222", "#777777"


def write_sheet(
    dataset: Dataset,
    path: Path,
    pairs_per_class: int = 4,
    units: Mapping[str, str] | None = None,
) -> None:
    """Write a PNG with some pairs of each class, the modalities of a pair side by side.

    Pairs are taken at even distances through each class, so that they come from many groups. How
    values become colours is the same for all images of a modality and is written at the bottom.

    Args:
        dataset: opened data set; a few hundred of its images are read.
        path: file to write; its folder is created.
        pairs_per_class: columns of pairs, at least 1; a class with fewer samples shows them all.
        units: modality -> unit of its values where known, such as {"DEPTH": "mm"}; decibels and
            metres of elevation are recognised.

    Raises:
        UserError: the file cannot be written.
    """
    known = units or {}
    renderings = {
        name: make_rendering(name, images, dataset.normalised, known.get(name))
        for name, images in dataset.modalities.items()
    }
    canvas = _draw(dataset, renderings, pairs_per_class)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            canvas.figure.savefig(stream, format="png", dpi=DPI)
    except OSError as problem:
        raise UserError(
            f"cannot write the sheet {path}: {problem.strerror or problem}; choose another place"
        ) from None


@dataclass(frozen=True)
class _Page:
    """A figure that is drawn on in inches from its top left corner."""

    canvas: FigureCanvasAgg
    width: float
    height: float

    @staticmethod
    def blank(width: float, height: float) -> "_Page":
        figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        return _Page(FigureCanvasAgg(figure), width, height)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str = INK,
        align: str = "left",
        weight: str = "normal",
    ) -> None:
        """Write a line of text whose middle is at height y."""
        self.canvas.figure.text(
            x / self.width,
            1 - y / self.height,
            text,
            fontsize=size,
            color=colour,
            ha=align,
            va="center_baseline",
            weight=weight,
            parse_math=False,
        )

    def image(
        self, x: float, y: float, width: float, height: float, colours: NDArray[np.float32]
    ) -> None:
        """Show colours (H, W, 3) as large as fits into a box, in its middle."""
        box = (x / self.width, 1 - (y + height) / self.height, width / self.width)
        axes = self.canvas.figure.add_axes((*box, height / self.height))
        axes.set_axis_off()
        axes.imshow(colours, interpolation="antialiased")

    def bar(self, x: float, y: float, colourmap: str) -> None:
        """Draw a colour bar whose middle is at height y."""
        box = (x / self.width, 1 - (y + BAR_HEIGHT / 2) / self.height, BAR_LENGTH / self.width)
        axes = self.canvas.figure.add_axes((*box, BAR_HEIGHT / self.height))
        axes.set_axis_off()
        axes.imshow(colormaps[colourmap](np.linspace(0, 1, 256))[None], aspect="auto")


def _draw(
    dataset: Dataset, renderings: Mapping[str, Rendering], pairs_per_class: int
) -> FigureCanvasAgg:
    pair = len(renderings) * (TILE + GAP) - GAP + PAIR_GAP
    width = max(2 * MARGIN + LABEL + pairs_per_class * pair - PAIR_GAP, NARROWEST)
    letters = int((width - 2 * MARGIN) * LETTERS_PER_INCH)
    notes = [line for note in dataset.notes for line in textwrap.wrap(note, letters)]
    table = MARGIN + LINE * (len(notes) + 1.8) + COLUMN_TITLE
    legend = table + len(dataset.class_names) * (TILE + GAP) + LINE
    page = _Page.blank(width, legend + LEGEND_LINE * len(renderings) + MARGIN)

    title = f"{dataset.name}: {len(dataset):,} pairs in {len(dataset.class_names)} classes"
    page.text(MARGIN, MARGIN + LINE / 2, title, 11, weight="bold")
    for line, text in enumerate(notes):
        page.text(MARGIN, MARGIN + LINE * (line + 1.8), text, 8, FAINT)
    columns = {
        (place, modality): MARGIN + LABEL + place * pair + position * (TILE + GAP)
        for place in range(pairs_per_class)
        for position, modality in enumerate(renderings)
    }
    for (_, modality), x in columns.items():
        size = min(8, 8 * TITLE_LETTERS / len(modality))
        page.text(x + TILE / 2, table - COLUMN_TITLE / 2, modality, size, align="center")
    for label in range(len(dataset.class_names)):
        y = table + label * (TILE + GAP)
        members = np.flatnonzero(dataset.labels == label)
        _label_row(page, y + TILE / 2, dataset.class_names[label], len(members))
        chosen = _spread(members, pairs_per_class)
        for (place, modality), x in columns.items():
            if place < len(chosen):
                image = dataset.modalities[modality][chosen[place]]
                page.image(x, y, TILE, TILE, renderings[modality].colours(image))
    for line, (modality, rendering) in enumerate(renderings.items()):
        _explain(page, legend + LEGEND_LINE * (line + 0.5), modality, rendering)
    return page.canvas


def _spread(members: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Up to `count` of the members, at even distances."""
    count = min(count, len(members))
    return members[((np.arange(count) + 0.5) * len(members) / max(count, 1)).astype(np.int64)]


def _label_row(page: _Page, middle: float, name: str, samples: int) -> None:
    lines = textwrap.wrap(name.replace("_", " "), LABEL_LETTERS)[:3]
    for line, text in enumerate([*lines, f"{samples:,} pairs"]):
        y = middle + LINE * (line - len(lines) / 2)
        is_name = line < len(lines)
        page.text(MARGIN, y, text, 8.5 if is_name else 7, INK if is_name else FAINT)


def _explain(page: _Page, middle: float, modality: str, rendering: Rendering) -> None:
    """One line of the legend."""
    page.text(MARGIN, middle, modality, 8)
    x = MARGIN + LABEL
    if rendering.colourmap is not None:
        low, high = float(rendering.low[0]), float(rendering.high[0])
        digits = max(0, 2 - math.floor(math.log10(high - low)))
        page.text(x + NUMBER - 0.06, middle, f"{low:.{digits}f}", 7.5, align="right")
        page.bar(x + NUMBER, middle, rendering.colourmap)
        x += NUMBER + BAR_LENGTH + 0.06
        page.text(x, middle, f"{high:.{digits}f} {rendering.unit}".strip(), 7.5)
        x += NUMBER + 0.3
    page.text(x, middle, rendering.caption, 7.5, FAINT)
