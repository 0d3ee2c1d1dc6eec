"""A sheet of example pairs: what a network is going to see, on one page."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.base import Dataset
from datasets.looking.page import (
    FAINT,
    INK,
    LABEL,
    LEGEND_LINE,
    LETTERS_PER_INCH,
    LINE,
    MARGIN,
    NARROWEST,
    Page,
)
from datasets.looking.rendering import Rendering, make_rendering

# All lengths in inches.
TILE, GAP, PAIR_GAP = 0.8, 0.04, 0.16
COLUMN_TITLE = 0.22
LABEL_LETTERS, TITLE_LETTERS = 20, 9


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
    _draw(dataset, renderings, pairs_per_class).save(path)


def _draw(dataset: Dataset, renderings: Mapping[str, Rendering], pairs_per_class: int) -> Page:
    pair = len(renderings) * (TILE + GAP) - GAP + PAIR_GAP
    width = max(2 * MARGIN + LABEL + pairs_per_class * pair - PAIR_GAP, NARROWEST)
    letters = int((width - 2 * MARGIN) * LETTERS_PER_INCH)
    notes = [line for note in dataset.notes for line in textwrap.wrap(note, letters)]
    table = MARGIN + LINE * (len(notes) + 1.8) + COLUMN_TITLE
    legend = table + len(dataset.class_names) * (TILE + GAP) + LINE
    page = Page.blank(width, legend + LEGEND_LINE * len(renderings) + MARGIN)

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
        page.explain(legend + LEGEND_LINE * (line + 0.5), modality, rendering)
    return page


def _spread(members: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Up to `count` of the members, at even distances."""
    count = min(count, len(members))
    return members[((np.arange(count) + 0.5) * len(members) / max(count, 1)).astype(np.int64)]


def _label_row(page: Page, middle: float, name: str, samples: int) -> None:
    lines = textwrap.wrap(name.replace("_", " "), LABEL_LETTERS)[:3]
    for line, text in enumerate([*lines, f"{samples:,} pairs"]):
        y = middle + LINE * (line - len(lines) / 2)
        is_name = line < len(lines)
        page.text(MARGIN, y, text, 8.5 if is_name else 7, INK if is_name else FAINT)
