"""Shows a grid until nothing more can happen in it."""

import time
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.live import Live

from benchmark.pages.watching.screen import GridScreen
from benchmark.pages.watching.watcher import Watcher
from benchmark.pages.watching.web_page import write_page

INTERVAL = 2.0  # seconds between looks


def watch(console: Console, watcher: Watcher, html: Path | None) -> None:
    """Watch a grid until it has ended, or until Ctrl-C.

    Args:
        console: a terminal gets a screen of its own, anything else a line whenever a count changes.
        watcher: looks at the grid.
        html: a page that is written anew with every look.

    Raises:
        UserError: the page cannot be written.
    """
    view = watcher.look()
    screen = GridScreen(lambda: view)
    display = Live(screen, console=console, screen=True, auto_refresh=False)
    said = ""
    with display if console.is_terminal else nullcontext():
        while True:
            if html is not None:
                write_page(html, view)
            if console.is_terminal:
                display.refresh()
            elif view.summary != said:
                said = view.summary
                console.print(said, soft_wrap=True)
            if view.ended:
                break
            time.sleep(INTERVAL)
            view = watcher.look()
    if console.is_terminal:
        console.print(screen)  # the screen is gone with what it showed
