"""`run_benchmark.py show`: read one result; nothing is changed."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import add_reading


@dataclass(frozen=True)
class ShowOptions:
    """What to show: a run's key, the beginning of one, or a record's file; and where keys are."""

    run: str
    results: Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", help="a run's key, the beginning of one, or a record's .json file"
    )
    add_reading(parser)


def read(given: argparse.Namespace) -> ShowOptions:
    return ShowOptions(given.run, given.results)


def run(options: ShowOptions) -> int:
    """Print one run as a page; returns the exit code.

    Raises:
        UserError: no such run, more than one, or its record cannot be read.
    """
    from benchmark.pages.layout import plain_console
    from benchmark.pages.lookup import find_run
    from benchmark.pages.page import print_run

    print_run(plain_console(), find_run(options.run, options.results))
    return 0
