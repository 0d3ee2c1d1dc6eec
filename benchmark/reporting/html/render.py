"""Blocks as HTML."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from benchmark.reporting.grid import Align, Grid, GridCell
from benchmark.reporting.html.blocks import ChartBlock, Listed, Page
from benchmark.reporting.html.libraries import chart_library
from core.templates import page_templates

MOST_ROWS = 400  # of a table; a page with more is slow


def render_page(page: Page) -> bytes:
    """A page as a file that needs no other."""
    charted = any(isinstance(block, ChartBlock) for part in page.sections for block in part.blocks)
    template = _environment().get_template("page.html.jinja")
    # The library is no text of a user's, and it has no end of a script in it.
    library = Markup(chart_library() if charted else "")
    return template.render(page=page, library=library).encode()


def render_overview(reports: Sequence[Listed]) -> bytes:
    """The list of a folder's reports as a file."""
    return _environment().get_template("overview.html.jinja").render(reports=reports).encode()


@cache
def _environment() -> Environment:
    environment = page_templates("benchmark.reporting.html")
    environment.filters |= {"anchor": anchor, "aligned": _aligned, "filled": filled}
    environment.globals["most_rows"] = MOST_ROWS
    environment.policies["json.dumps_kwargs"] = {
        "default": vars,  # details are dataclasses
        "ensure_ascii": False,
        "separators": (",", ":"),
        "allow_nan": False,  # browsers do not read it
    }
    return environment


def anchor(heading: str) -> str:
    """A heading as an address on its page."""
    return "-".join("".join(c if c.isalnum() else " " for c in heading.lower()).split())


def _aligned(align: Align) -> str:
    return {Align.LEFT: "left", Align.RIGHT: "number", Align.CENTRE: "centre"}[align]


def filled(grid: Grid) -> list[list[tuple[GridCell, str, bool]]]:
    """The cells of each row, with their alignment, and whether they repeat a label from above.

    A grid has such labels once. A table that is sorted needs them in every row.
    """
    labels = next(
        (n for n, align in enumerate(grid.aligned) if align is not Align.LEFT), len(grid.aligned)
    )
    above = [GridCell() for _ in range(labels)]
    rows = []
    for row in grid.rows:
        shown, place = [], 0
        for cell in row.cells:
            repeats = place < labels and cell == GridCell() and above[place].text != ""
            if repeats:
                cell = above[place]
            elif place < labels:
                above[place] = cell
            shown.append((cell, _aligned(grid.aligned[place]), repeats))
            place += cell.width
        rows.append(shown)
    return rows
