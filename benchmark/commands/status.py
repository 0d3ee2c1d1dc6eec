"""`run_benchmark.py status`: how a results folder stands, while others work on it."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import (
    SuiteOptions,
    add_folder,
    add_reading,
    add_suite_changes,
    read_suite_options,
)
from core.errors import UserError


@dataclass(frozen=True)
class StatusOptions:
    """A results folder, and the suites whose progress is wanted, if any."""

    results: Path
    asked: SuiteOptions


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", action="append", default=[], metavar="NAME")
    parser.add_argument("--smoke", action="store_true", help="the suites are smoke runs")
    add_suite_changes(parser)
    add_folder(parser.add_argument, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> StatusOptions:
    return StatusOptions(given.results, read_suite_options(given))


def run(options: StatusOptions) -> int:
    """Print the status of a results folder, and of suites if any are named; the exit code.

    Raises:
        UserError: the folder is not there, or a suite cannot be planned.
    """
    from benchmark.commands.request import plan_suites, read_suites
    from benchmark.pages.layout import plain_console
    from benchmark.pages.status_page import print_progress, print_status
    from benchmark.records.status import read_status
    from benchmark.records.store import ResultStore

    if not options.results.is_dir():
        raise UserError(
            f"there is no results folder {options.results}; name the one in use with --results"
        )
    console = plain_console()
    store = ResultStore(options.results)
    status = read_status(store)
    print_status(console, status)
    if options.asked.suites:
        suites = read_suites(options.asked, "auto")
        request = plan_suites(suites, options.asked.data, store, console, adopt=True)
        print_progress(console, request.plans, store, status)
    return 0
