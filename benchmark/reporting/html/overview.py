"""The list of all reports of a folder, as a page that leads to theirs."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from benchmark.reporting.html.blocks import Listed
from benchmark.reporting.html.render import render_overview
from core.errors import UserError
from core.files import write_atomically

PAGE = "index.html"
_HEAD = 4096  # bytes that hold what a page says of itself


def write_overview(reports: Path) -> None:
    """Write `<reports>/index.html`, which lists the reports beside it that have a page.

    Raises:
        UserError: the folder cannot be written to.
    """
    found = sorted(_reports(reports), key=lambda one: one.folder.casefold())
    try:
        write_atomically(reports / PAGE, render_overview(found))
    except OSError as error:
        raise UserError(
            f"cannot write {reports / PAGE}: {error.strerror}; name another folder with --reports"
        ) from None


def _reports(reports: Path) -> Iterator[Listed]:
    for path in reports.glob(f"*/{PAGE}"):
        try:
            with path.open("rb") as stream:
                head = _Head(stream.read(_HEAD).decode("utf-8", "replace"))
        except OSError:
            continue  # gone since, or of somebody else
        if head.facts.get("generator") == "cmkd-benchmark":
            folder = path.parent.name
            yield Listed(folder, head.title or folder, head.facts.get("description", ""))


class _Head(HTMLParser):
    """The title and the named facts of the head of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.facts: dict[str, str] = {}
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        values = dict(attrs)
        self._in_title = tag == "title"
        if tag == "meta" and "name" in values:
            self.facts[values["name"]] = values.get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
