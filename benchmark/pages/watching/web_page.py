"""A grid as one HTML file, which a browser loads again by itself."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment

from benchmark.pages.watching.view import GridView, State, clock
from core.errors import UserError
from core.files import write_atomically
from core.templates import page_templates

RELOAD = 5  # seconds
MOST_SQUARES = 20_000  # of a page, one a run; beyond, cells have counts


def write_page(path: Path, view: GridView) -> None:
    """Write the page.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        write_atomically(path, render_page(view))
    except OSError as error:
        raise UserError(
            f"--html {path}: cannot be written: {error.strerror}; name a file in a folder that is "
            "there"
        ) from None


def render_page(view: GridView) -> bytes:
    """The page as a file that needs no other."""
    template = _environment().get_template("watch.html.jinja")
    return template.render(
        view=view,
        states=list(State),
        squares=view.counts.total() <= MOST_SQUARES,
        reload=None if view.ended else RELOAD,
        now=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    ).encode()


@cache
def _environment() -> Environment:
    environment = page_templates("benchmark.pages.watching")
    environment.filters["clock"] = clock
    return environment
