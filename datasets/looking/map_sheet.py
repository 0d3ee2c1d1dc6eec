"""A sheet of examples with one class per pixel: images and their label map in colour."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.base import Array, Dataset, Labels
from datasets.looking.class_legend import draw_class_legend, legend_height
from datasets.looking.label_colours import VOID_COLOUR, class_palette, colour_labels
from datasets.looking.page import (
    FAINT,
    LEGEND_LINE,
    LETTERS_PER_INCH,
    LINE,
    MARGIN,
    NARROWEST,
    Page,
)
from datasets.looking.rendering import Rendering, make_rendering
from datasets.preparing.resize import resize_images

# All lengths in inches.
TILE, GAP, EXAMPLE_GAP = 1.2, 0.04, 0.2
COLUMN_TITLE = 0.22
LABELS = "labels"


@dataclass(frozen=True)
class Example:
    """One cell of a sheet: modality -> image (C, H, W), and the label map (H, W)."""

    images: Mapping[str, Array]
    labels: Labels


def make_renderings(dataset: Dataset) -> dict[str, Rendering]:
    """How the images of each modality are shown."""
    return {
        name: make_rendering(name, images, dataset.normalised)
        for name, images in dataset.modalities.items()
    }


def take_example(dataset: Dataset, sample: int) -> Example:
    """One sample of a data set as it is."""
    images = {name: np.asarray(images[sample]) for name, images in dataset.modalities.items()}
    return Example(images, np.asarray(dataset.labels[sample]))


def colour_samples(
    dataset: Dataset, samples: NDArray[np.int64], size: tuple[int, int]
) -> dict[str, list[NDArray[np.float32]]]:
    """Colours (H, W, 3) in [0, 1] of the images of some samples, by modality.

    Args:
        dataset: as it is stored; a few hundred of its images are read.
        samples: places in it.
        size: height and width that they are resized to.
    """
    return {
        name: [
            rendering.colours(image)
            for image in resize_images(np.asarray(dataset.modalities[name][samples]), size)
        ]
        for name, rendering in make_renderings(dataset).items()
    }


def spread_over(count: int, wanted: int) -> list[int]:
    """Up to `wanted` of `count` samples, at even distances, so that they come from many groups."""
    wanted = min(wanted, count)
    return [int((place + 0.5) * count / wanted) for place in range(wanted)]


def write_map_sheet(dataset: Dataset, path: Path, rows: int = 8, columns: int = 2) -> None:
    """Write a PNG with samples at even distances, each with its images and its label map.

    Args:
        dataset: with one class per pixel; a few hundred of its images are read.
        path: file to write; its folder is created.
        rows: of samples.
        columns: samples in a row.

    Raises:
        UserError: the file cannot be written.
    """
    examples = [take_example(dataset, place) for place in spread_over(len(dataset), rows * columns)]
    cells = [examples[start : start + columns] for start in range(0, len(examples), columns)]
    title = f"{dataset.name}: {len(dataset):,} pairs with one of {len(dataset.class_names)} classes"
    write_examples(f"{title} per pixel", dataset, cells, [""] * columns, path)


def write_examples(
    title: str,
    dataset: Dataset,
    cells: Sequence[Sequence[Example]],
    headings: Sequence[str],
    path: Path,
) -> None:
    """Write rows of examples, with a legend of values and classes.

    Args:
        title: of the page.
        dataset: what the examples are of; its notes are shown.
        cells: rows of examples, of at most as many as there are headings.
        headings: one per column, "" for none.
        path: file to write; its folder is created.

    Raises:
        UserError: the file cannot be written.
    """
    renderings = make_renderings(dataset)
    names = [*renderings, LABELS]
    palette = class_palette(len(dataset.class_names))
    example = len(names) * (TILE + GAP) - GAP + EXAMPLE_GAP
    width = max(2 * MARGIN + len(headings) * example - EXAMPLE_GAP, NARROWEST)
    letters = int((width - 2 * MARGIN) * LETTERS_PER_INCH)
    notes = [line for note in dataset.notes for line in textwrap.wrap(note, letters)]
    height, image_width = dataset.labels.shape[1:]
    tile_height = TILE * height / image_width
    table = MARGIN + LINE * (len(notes) + 1.8) + COLUMN_TITLE * (1 + any(headings))
    legend = table + len(cells) * (tile_height + GAP) + LINE
    classes = legend + LEGEND_LINE * len(renderings)
    named = [*zip(dataset.class_names, palette.tolist(), strict=True), ("no class", VOID_COLOUR)]
    page = Page.blank(width, classes + legend_height(len(named), width) + MARGIN)

    page.text(MARGIN, MARGIN + LINE / 2, title, 11, weight="bold")
    for line, text in enumerate(notes):
        page.text(MARGIN, MARGIN + LINE * (line + 1.8), text, 8, FAINT)
    for column, heading in enumerate(headings):
        left = MARGIN + column * example
        middle = left + (example - EXAMPLE_GAP) / 2
        page.text(middle, table - COLUMN_TITLE * 1.5, heading, 8.5, align="center")
        for place, name in enumerate(names):
            x = left + place * (TILE + GAP) + TILE / 2
            page.text(x, table - COLUMN_TITLE / 2, name, 8, align="center")
    for row, examples in enumerate(cells):
        y = table + row * (tile_height + GAP)
        for column, shown in enumerate(examples):
            left = MARGIN + column * example
            for place, (name, rendering) in enumerate(renderings.items()):
                colours = rendering.colours(shown.images[name])
                page.image(left + place * (TILE + GAP), y, TILE, tile_height, colours)
            colours = colour_labels(shown.labels, palette)
            left += len(renderings) * (TILE + GAP)
            page.image(left, y, TILE, tile_height, colours, smooth=False)
    for line, (name, rendering) in enumerate(renderings.items()):
        page.explain(legend + LEGEND_LINE * (line + 0.5), name, rendering)
    draw_class_legend(page, classes, named)
    page.save(path)
