"""`run_benchmark.py show` and `run_benchmark.py diff`: read results; nothing is changed."""

import argparse
from pathlib import Path

from rich.console import Console

from benchmark.pages.folder_diff import print_folder_diff
from benchmark.pages.lookup import find_run, read_folder
from benchmark.pages.page import print_run
from benchmark.pages.run_diff import print_run_diff
from core.errors import UserError


def show_run(options: argparse.Namespace) -> int:
    """Print one run as a page; returns the exit code.

    Raises:
        UserError: no such run, more than one, or its record cannot be read.
    """
    print_run(_console(), find_run(options.run, options.results))
    return 0


def show_differences(options: argparse.Namespace) -> int:
    """Print what differs between two runs or two results folders; returns the exit code.

    Raises:
        UserError: a run or folder is not there or cannot be read, or one of each was named.
    """
    first, second = options.first, options.second
    folders = [text for text in (first, second) if Path(text).is_dir()]
    if len(folders) == 1:
        other = second if folders[0] == first else first
        raise UserError(
            f"{folders[0]} is a folder and {other} is not: expected two results folders or two runs"
        )
    if folders:
        print_folder_diff(_console(), read_folder(Path(first)), read_folder(Path(second)))
    else:
        runs = (find_run(text, options.results) for text in (first, second))
        print_run_diff(_console(), *runs)
    return 0


def _console() -> Console:
    # Names of classes, modalities and files are the user's and may look like markup.
    return Console(highlight=False, markup=False, emoji=False)
