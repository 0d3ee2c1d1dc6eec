"""Lines of images and label maps of one sample each: what is true, and what networks make of it."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.base import Labels
from datasets.looking.class_legend import (
    CLASS_WIDTH,
    SWATCH,
    draw_class_legend,
    legend_height,
)
from datasets.looking.label_colours import VOID_COLOUR, class_palette, colour_labels
from datasets.looking.page import FAINT, MARGIN, Page

# All lengths in inches.
TILE, GAP, APART = 0.8, 0.04, 0.1
LETTER, CAPITAL, LETTERS_A_TILE, HEADING_LINE = 0.065, 0.085, 14, 0.13
NARROWEST = 2.0
NO_CLASS = "no class"


@dataclass(frozen=True)
class MapLine:
    """One line of a figure.

    Attributes:
        label: what stands left of it.
        remark: what stands below that; "" for nothing.
        images: colours (H, W, 3) in [0, 1], one per heading of images; None leaves a place empty.
        maps: class indices (H, W), one per heading of maps; None leaves a place empty.
        apart: it stands apart from the line above.
    """

    label: str
    remark: str
    images: Sequence[NDArray[np.float32] | None]
    maps: Sequence[Labels | None]
    apart: bool = False


def draw_map_lines(
    image_headings: Sequence[str],
    map_headings: Sequence[str],
    lines: Sequence[MapLine],
    class_names: Sequence[str],
    width: float | None = None,
) -> Page:
    """Draw lines below each other, with a legend of the classes that are in them.

    Args:
        image_headings: of the columns of images.
        map_headings: of the columns of label maps, which stand right of them.
        lines: at least one, in which all maps have one size.
        class_names: one name per class; other values of maps are no class.
        width: of the page, whose pictures and legend are as wide as it leaves room for; None for
            pictures of one size.
    """
    palette = class_palette(len(class_names))
    maps = [found for line in lines for found in line.maps if found is not None]
    named = _legend(maps, class_names, palette)
    count = len(image_headings) + len(map_headings)
    longest = max(_width_of(text) for line in lines for text in (line.label, line.remark))
    left = MARGIN + longest + GAP
    extra = APART if image_headings else 0.0  # between images and maps
    entry, tile, a_line = CLASS_WIDTH, TILE, LETTERS_A_TILE
    if width is not None:
        entry = min(SWATCH + 0.15 + max(_width_of(name) for name, _ in named), CLASS_WIDTH)
        tile = (width - left - extra - MARGIN + GAP) / count - GAP
        a_line = int(tile / CAPITAL)
    headings = [textwrap.wrap(text, a_line) for text in (*image_headings, *map_headings)]
    columns = [
        left + place * (tile + GAP) + extra * (place >= len(image_headings))
        for place in range(len(headings))
    ]
    page_width = max(columns[-1] + tile + MARGIN, NARROWEST)
    tile_height = tile * maps[0].shape[0] / maps[0].shape[1]
    table = MARGIN + HEADING_LINE * max(map(len, headings)) + GAP
    tops, bottom = [], table
    for number, line in enumerate(lines):
        bottom += (GAP + APART * line.apart) * (number > 0)
        tops.append(bottom)
        bottom += tile_height
    legend = bottom + APART
    height = legend + legend_height(len(named), page_width, entry) + MARGIN
    page = Page.blank(page_width, height)

    for x, heading in zip(columns, headings, strict=True):
        for place, text in enumerate(reversed(heading)):
            y = table - GAP - HEADING_LINE * (place + 0.5)
            page.text(x + tile / 2, y, text, 8, align="center")
    for y, line in zip(tops, lines, strict=True):
        middle = y + tile_height / 2
        page.text(MARGIN, middle - HEADING_LINE / 2 * bool(line.remark), line.label, 8)
        page.text(MARGIN, middle + HEADING_LINE / 2, line.remark, 7, FAINT)
        for x, image in zip(columns, line.images, strict=False):
            if image is not None:
                page.image(x, y, tile, tile_height, image)
        for x, labels in zip(columns[len(line.images) :], line.maps, strict=True):
            if labels is not None:
                colours = colour_labels(labels, palette)
                page.image(x, y, tile, tile_height, colours, smooth=False)
    draw_class_legend(page, legend, named, entry)
    return page


def _width_of(text: str) -> float:
    """Of a line of text as large as labels, roughly."""
    return sum(CAPITAL if letter.isupper() else LETTER for letter in text)


def _legend(
    maps: Sequence[Labels], class_names: Sequence[str], palette: NDArray[np.float32]
) -> list[tuple[str, Sequence[float]]]:
    """Name and colour of what is in these maps, in the order of the classes."""
    values = np.unique(np.concatenate([np.unique(labels) for labels in maps]).astype(np.int64))
    known = values[(values >= 0) & (values < len(class_names))]
    named = [(class_names[value], palette[value].tolist()) for value in known]
    return named + [(NO_CLASS, VOID_COLOUR)] * (len(known) < len(values))
