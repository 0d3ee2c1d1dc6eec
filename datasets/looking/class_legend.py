"""The legend of label maps: a swatch of each class beside its name."""

from collections.abc import Sequence

import numpy as np

from datasets.looking.page import LEGEND_LINE, MARGIN, Page

# All lengths in inches.
SWATCH, CLASS_WIDTH = 0.12, 1.7
Colour = Sequence[float]


def legend_height(classes: int, width: float, entry: float = CLASS_WIDTH) -> float:
    """How much room the legend of so many classes takes on a page of a width.

    Args:
        classes: their number.
        width: of the page.
        entry: width of one class.
    """
    return LEGEND_LINE * -(-classes // _in_line(width, entry))


def draw_class_legend(
    page: Page, top: float, named: Sequence[tuple[str, Colour]], entry: float = CLASS_WIDTH
) -> None:
    """Draw the legend of classes, name and colour each, below the height `top`."""
    in_line = _in_line(page.width, entry)
    for position, (name, colour) in enumerate(named):
        line, place = divmod(position, in_line)
        x = MARGIN + place * entry
        y = top + LEGEND_LINE * (line + 0.5)
        swatch = np.broadcast_to(np.asarray(colour, np.float32), (1, 1, 3))
        page.image(x, y - SWATCH / 2, SWATCH, SWATCH, swatch, smooth=False)
        page.text(x + SWATCH + 0.06, y, name, 7.5)


def _in_line(width: float, entry: float) -> int:
    return max(int((width - 2 * MARGIN) // entry), 1)
