"""Pages in a real browser, and pages taken apart."""

import json
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest_browsers = ("chromium", "chromium-browser", "google-chrome")


class ParsedPage(HTMLParser):
    """The elements of a page by their kind, its texts, and the data of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.kinds: dict[str, int] = {}
        self.texts: list[str] = []
        self.data: list[Any] = []
        self._script: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.kinds[tag] = self.kinds.get(tag, 0) + 1
        if tag in ("script", "style"):
            self._script = dict(attrs).get("type") or "text/css"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            self.texts.append(data.strip())
        elif self._script == "application/json":
            self.data.append(json.loads(data))

    @property
    def details(self) -> dict[str, Any]:
        """What the cells of its tables open."""
        return next(one["cells"] for one in self.data if "cells" in one)

    @property
    def charts(self) -> list[dict[str, Any]]:
        """All charts: specification and rows."""
        return [chart for one in self.data for chart in one.get("charts", ())]


@pytest.fixture
def parse() -> Callable[[str], ParsedPage]:
    """Take a page apart."""
    return ParsedPage


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, pytest_browsers)), None)
    if found is None:
        pytest.skip("needs Chromium; install it, on Debian with 'apt-get install chromium'")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, chromium_sandbox=False)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file as a page of some width, all charts drawn.

    At the end there must have been no message on any console, and no request but for the files.
    """
    contexts: list[Any] = []
    heard: list[str] = []

    def call(path: Path, width: int = 1300, dark: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url == path.as_uri() else heard.append(request.url),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]")
        return page

    yield call
    for context in contexts:
        context.close()
    assert heard == []
