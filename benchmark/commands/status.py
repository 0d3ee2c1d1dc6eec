"""`run_benchmark.py status`: how a results folder stands, while others work on it."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.options import (
    SuiteOptions,
    add_folder,
    add_reading,
    add_suite_changes,
    read_suite_options,
    require_results,
)
from core.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.commands.request import Request
    from benchmark.records.store import ResultStore


@dataclass(frozen=True)
class StatusOptions:
    """A results folder, and the suites whose progress is wanted, if any.

    Attributes:
        watch: show the grid until it has ended.
        html: where a page of the grid goes; None writes none.
    """

    results: Path
    asked: SuiteOptions
    watch: bool
    html: Path | None


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", action="append", default=[], metavar="NAME")
    parser.add_argument("--smoke", action="store_true", help="the suites are smoke runs")
    parser.add_argument(
        "--watch",
        action="store_true",
        help="show the suites' grid as it fills, until it has ended or until Ctrl-C",
    )
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write the suites' grid as a page that reloads itself; with --watch, again and again",
    )
    add_suite_changes(parser)
    add_folder(parser.add_argument, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> StatusOptions:
    for option, wanted in (("--watch", given.watch), ("--html", given.html)):
        if wanted and not given.suite:
            raise UserError(f"{option} shows the grid of suites; name them with --suite")
    return StatusOptions(given.results, read_suite_options(given), given.watch, given.html)


def run(options: StatusOptions) -> int:
    """Print the status of a results folder, and of suites if any are named; the exit code.

    Raises:
        UserError: the folder is not there, a suite cannot be planned, or what is asked for cannot
            be shown here.
    """
    from benchmark.commands.request import plan_suites, read_suites
    from benchmark.pages.layout import plain_console
    from benchmark.pages.status_page import print_progress, print_status
    from benchmark.records.status import read_status
    from benchmark.records.store import ResultStore

    require_results(options.results)
    console = plain_console()
    store = ResultStore(options.results)
    if options.watch or options.html:
        suites = read_suites(options.asked, "auto")
        request = plan_suites(suites, options.asked.data, store, console, adopt=True)
        return _show_grid(console, options, request, store)
    status = read_status(store)
    print_status(console, status)
    if options.asked.suites:
        suites = read_suites(options.asked, "auto")
        request = plan_suites(suites, options.asked.data, store, console, adopt=True)
        print_progress(console, request.plans, store, status)
    return 0


def _show_grid(
    console: "Console", options: StatusOptions, request: "Request", store: "ResultStore"
) -> int:
    from benchmark.pages.watching.watcher import Watcher
    from benchmark.pages.watching.watching import watch
    from benchmark.pages.watching.web_page import write_page

    watcher = Watcher(", ".join(request.parts), request.together, store)
    if options.watch:
        if options.html is None and not console.is_terminal:
            raise UserError(
                "--watch needs a terminal; leave it out, or let it write a page with --html FILE"
            )
        try:
            watch(console, watcher, options.html)
        except KeyboardInterrupt:  # as it is meant to end; nothing was under way here
            return 0
    elif options.html is not None:
        write_page(options.html, watcher.look())
        console.print(f"wrote {options.html}; with --watch it is kept up to date", soft_wrap=True)
    return 0
