"""The style of all figures of reports, and how they become files."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
from matplotlib.figure import Figure

INK = "#222222"
TITLE, LABEL, SMALL = 10, 9, 8  # type sizes in points
MARGIN = 0.1  # around a figure, in inches
_DPI = 200
# Neither the time nor the version of matplotlib, so that equal numbers give equal files.
METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}
SUFFIXES = tuple(METADATA)


@dataclass(frozen=True)
class ReportFigure:
    """A figure of a report.

    Attributes:
        heading: of its part of the report, and in the list of figures.
        files: content by file name, the PNG first.
        caption: what it shows, a sentence.
    """

    heading: str
    files: Mapping[str, bytes]
    caption: str

    @property
    def picture(self) -> str:
        """Name of the PNG."""
        return next(iter(self.files))


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw as matplotlib does by itself, whatever the user's own settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def render_figure(figure: Figure) -> dict[str, bytes]:
    """The figure as files by suffix, as in `SUFFIXES`; equal figures give equal bytes."""
    contents = {}
    for suffix, metadata in METADATA.items():
        buffer = io.BytesIO()
        # "tight" makes room for labels and headers, which stand outside the axes.
        figure.savefig(
            buffer,
            format=suffix,
            dpi=_DPI,
            metadata=metadata,
            bbox_inches="tight",
            pad_inches=MARGIN,
        )
        contents[suffix] = buffer.getvalue()
    return contents
