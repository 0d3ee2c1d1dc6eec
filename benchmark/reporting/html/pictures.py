"""Pictures of a report on its page."""

import base64
from collections.abc import Sequence

from benchmark.reporting.figures import ReportFigure
from benchmark.reporting.html.blocks import PictureBlock, Section

MOST_EMBEDDED = 1_000_000  # bytes; of a larger picture the page has the address alone


def picture_sections(figures: Sequence[ReportFigure]) -> list[Section]:
    """One part of the page for each figure."""
    return [Section(one.heading, [_block(one)]) for one in figures]


def _block(figure: ReportFigure) -> PictureBlock:
    content = figure.files[figure.picture]
    if len(content) > MOST_EMBEDDED:
        return PictureBlock(figure.picture, figure.caption)
    return embedded(content, figure.caption)


def embedded(content: bytes, text: str) -> PictureBlock:
    """A PNG that the page itself holds."""
    return PictureBlock(f"data:image/png;base64,{base64.b64encode(content).decode()}", text)
