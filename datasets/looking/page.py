"""A page that pictures and text are drawn on, in inches from its top left corner."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.errors import UserError
from datasets.looking.rendering import Rendering

DPI = 150
# All lengths in inches.
MARGIN, LABEL, LINE = 0.15, 1.5, 0.17
LEGEND_LINE = 0.24
BAR_LENGTH, BAR_HEIGHT, NUMBER = 1.6, 0.1, 0.6
NARROWEST, LETTERS_PER_INCH = 6.5, 15.5
INK, FAINT = "#222222", "#777777"


@dataclass(frozen=True)
class Page:
    """A figure that is drawn on in inches from its top left corner."""

    canvas: FigureCanvasAgg
    width: float
    height: float

    @staticmethod
    def blank(width: float, height: float) -> "Page":
        figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        return Page(FigureCanvasAgg(figure), width, height)

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
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colours: NDArray[np.float32],
        smooth: bool = True,
    ) -> None:
        """Show colours (H, W, 3) as large as fits into a box, in its middle."""
        box = (x / self.width, 1 - (y + height) / self.height, width / self.width)
        axes = self.canvas.figure.add_axes((*box, height / self.height))
        axes.set_axis_off()
        axes.imshow(colours, interpolation="antialiased" if smooth else "nearest")

    def bar(self, x: float, y: float, colourmap: str) -> None:
        """Draw a colour bar whose middle is at height y."""
        box = (x / self.width, 1 - (y + BAR_HEIGHT / 2) / self.height, BAR_LENGTH / self.width)
        axes = self.canvas.figure.add_axes((*box, BAR_HEIGHT / self.height))
        axes.set_axis_off()
        axes.imshow(colormaps[colourmap](np.linspace(0, 1, 256))[None], aspect="auto")

    def explain(self, middle: float, modality: str, rendering: Rendering) -> None:
        """Write one line of the legend at height `middle`: what the colours of a modality mean."""
        self.text(MARGIN, middle, modality, 8)
        x = MARGIN + LABEL
        if rendering.colourmap is not None:
            low, high = float(rendering.low[0]), float(rendering.high[0])
            digits = max(0, 2 - math.floor(math.log10(high - low)))
            self.text(x + NUMBER - 0.06, middle, f"{low:.{digits}f}", 7.5, align="right")
            self.bar(x + NUMBER, middle, rendering.colourmap)
            x += NUMBER + BAR_LENGTH + 0.06
            self.text(x, middle, f"{high:.{digits}f} {rendering.unit}".strip(), 7.5)
            x += NUMBER + 0.3
        self.text(x, middle, rendering.caption, 7.5, FAINT)

    def save(self, path: Path) -> None:
        """Write the page as a PNG; its folder is created.

        Raises:
            UserError: the file cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as stream:
                self.canvas.figure.savefig(stream, format="png", dpi=DPI)
        except OSError as problem:
            raise UserError(
                f"cannot write the sheet {path}: {problem.strerror or problem}; choose another "
                "place"
            ) from None
