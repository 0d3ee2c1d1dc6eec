"""`run_benchmark.py diff`: compare results; nothing is changed."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import add_reading
from core.errors import UserError


@dataclass(frozen=True)
class DiffOptions:
    """Two runs, each named as for `show`, or two results folders; and where keys are."""

    first: str
    second: str
    results: Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "first",
        metavar="A",
        help="a run's key, the beginning of one, a record's .json file, or a results folder",
    )
    parser.add_argument("second", metavar="B", help="the same")
    add_reading(parser)


def read(given: argparse.Namespace) -> DiffOptions:
    return DiffOptions(given.first, given.second, given.results)


def run(options: DiffOptions) -> int:
    """Print what differs between two runs or two results folders; returns the exit code.

    Raises:
        UserError: a run or folder is not there or cannot be read, or one of each was named.
    """
    from benchmark.pages.folder_diff import print_folder_diff
    from benchmark.pages.layout import plain_console
    from benchmark.pages.lookup import find_run, read_folder
    from benchmark.pages.run_diff import print_run_diff

    first, second = options.first, options.second
    folders = [text for text in (first, second) if Path(text).is_dir()]
    if len(folders) == 1:
        other = second if folders[0] == first else first
        raise UserError(
            f"{folders[0]} is a folder and {other} is not: expected two results folders or two runs"
        )
    if folders:
        print_folder_diff(plain_console(), read_folder(Path(first)), read_folder(Path(second)))
    else:
        runs = (find_run(text, options.results) for text in (first, second))
        print_run_diff(plain_console(), *runs)
    return 0
