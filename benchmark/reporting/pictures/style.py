"""The style of figures for papers: widths, type sizes and colours, and how they become a file."""

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.reporting.figures import METADATA
from core.errors import UserError
from core.files import write_atomically

# Okabe and Ito's palette, whose colours the colour-blind tell apart; the baseline is grey.
METHOD, BASELINE, INK, FAINT = "#0072B2", "#8A8A8A", "#222222", "#C8C8C8"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LABEL, SMALL = 8, 7  # type sizes in points, as printed
LINE = 0.17  # inches of a line of a chart
TALLEST = 9.0  # inches of a page


class Width(StrEnum):
    """What a figure is as wide as, in a paper of two columns."""

    COLUMN = "column"
    TEXT = "text"

    @property
    def inches(self) -> float:
        """The width as printed."""
        return 3.3 if self is Width.COLUMN else 7.0

    def side_by_side(self, panels: int, inches: float) -> int:
        """How many panels of at least so many inches stand beside each other."""
        return max(min(panels, int(self.inches / inches)), 1)


@contextmanager
def paper_style() -> Iterator[None]:
    """Draw for print, whatever the user's own settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.size": LABEL,
                "axes.titlesize": LABEL,
                "axes.labelsize": LABEL,
                "xtick.labelsize": SMALL,
                "ytick.labelsize": SMALL,
                "legend.fontsize": SMALL,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.edgecolor": INK,
                "axes.linewidth": 0.6,
                "xtick.major.width": 0.6,
                "ytick.major.width": 0.6,
                "xtick.major.size": 2.5,
                "ytick.major.size": 2.5,
                "lines.linewidth": 1.0,
                "pdf.fonttype": 42,  # letters stay letters
                "figure.constrained_layout.use": True,
            }
        )
        yield


def canvas(width: Width, height: float) -> Figure:
    """An empty figure of so many inches.

    Raises:
        UserError: it is taller than a page.
    """
    require_a_page(height)
    return Figure(figsize=(width.inches, height))


def require_a_page(height: float) -> None:
    """Check the height of a figure, in inches.

    Raises:
        UserError: it is taller than a page.
    """
    if height > TALLEST:
        raise UserError(
            f"the figure would be {height:.0f} inches tall, and a page has {TALLEST:g}; choose "
            "some with --datasets or --methods, or take --width text"
        )


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure at its own size, as vectors or as an image of 300 dots per inch.

    Args:
        figure: the figure.
        path: ends in .pdf or .png.

    Raises:
        UserError: the file cannot be written.
    """
    suffix = path.suffix[1:]
    content = io.BytesIO()
    figure.savefig(content, format=suffix, dpi=300, metadata=METADATA[suffix])
    try:
        write_atomically(path, content.getvalue())
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; name another file") from None


def label_lines(panel: Axes, labels: list[str]) -> None:
    """Label the lines of a chart from top to bottom; long labels are wrapped."""
    wrapped = ["\n".join(textwrap.wrap(label, 24)[:2]) for label in labels]
    panel.set_yticks(range(len(labels)), wrapped, parse_math=False)
    panel.set_ylim(len(labels) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)


def title_of(panel: Axes, text: str, letters: int) -> None:
    """A title that is wrapped after so many letters."""
    panel.set_title("\n".join(textwrap.wrap(text, letters)), parse_math=False)
