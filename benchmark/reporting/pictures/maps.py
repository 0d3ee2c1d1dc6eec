"""Label maps of test samples for a paper: samples beside each other, methods below each other."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.reporting.map_figure import MapStudent, ShownMaps
from benchmark.reporting.pictures.style import Width, require_a_page
from benchmark.reporting.tables import row_label
from core.errors import UserError
from datasets.looking.map_lines import MapLine, draw_map_lines

SAMPLES = {Width.COLUMN: 4, Width.TEXT: 8}  # beside each other


def draw_maps(found: Sequence[ShownMaps], width: Width) -> Figure:
    """The first data set: its images where the data is here, the truth, and what networks predict.

    The networks of each column of the tables stand below the image that they see.

    Args:
        found: what is stored.
        width: of the figure.

    Raises:
        UserError: no maps are stored, or the figure is taller than a page.
    """
    if not found:
        raise UserError(
            "no label maps of this suite are stored, which runs keep where each pixel has a class; "
            "train a suite of segmentation first"
        )
    shown = found[0]
    images = shown.images()
    lines = [
        line
        for number, student in enumerate(shown.students)
        for line in _lines(shown, student, images.get(student.evaluated, ()), not number)
    ]
    headings = [f"sample {sample}" for sample in shown.samples]
    page = draw_map_lines([], headings, lines, shown.class_names, width.inches)
    require_a_page(page.height)
    page.canvas.figure.set_layout_engine("none")  # all has its place
    return page.canvas.figure


def _lines(
    shown: ShownMaps, student: MapStudent, images: Sequence[NDArray[np.float32]], first: bool
) -> Iterator[MapLine]:
    """The image and all maps of one column of the tables; the truth with the first alone."""
    if images:
        yield MapLine(student.heading, "", images, [], apart=True)
    if first:
        yield MapLine("truth", "", [], list(shown.truth))
    for row, maps in student.maps.items():
        remark = "" if images or len(shown.students) == 1 else student.heading
        yield MapLine(row_label(row), remark, [], list(maps))
