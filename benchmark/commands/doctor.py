"""`run_benchmark.py doctor`: whether this machine and these folders are fit for work."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.exit_codes import EXIT_PROBLEMS_FOUND
from benchmark.commands.options import add_folder, add_reading
from core.errors import UserError


@dataclass(frozen=True)
class DoctorOptions:
    """The folders to look at; `repair` moves bad files of the results folder aside."""

    results: Path
    reports: Path
    data: Path
    repair: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    for name in ("reports", "data"):
        add_folder(parser.add_argument, name)
    parser.add_argument(
        "--repair",
        action="store_true",
        help="move corrupt and left-over files of the results folder aside; nothing is deleted",
    )
    add_reading(parser)


def read(given: argparse.Namespace) -> DoctorOptions:
    return DoctorOptions(given.results, given.reports, given.data, given.repair)


def run(options: DoctorOptions) -> int:
    """Print what was found; with `--repair`, move bad files of the results folder aside.

    Returns:
        0 where nothing is wrong or everything wrong was repaired, else 1.

    Raises:
        UserError: the results folder is not a folder, or cannot be written to for the repair.
    """
    from rich.console import Console

    from benchmark.health.environment import look_at_environment
    from benchmark.health.note import print_notes

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if options.results.exists() and not options.results.is_dir():
        raise UserError(f"{options.results} is a file, expected a results folder")
    problems = print_notes(console, "Environment", look_at_environment())
    # Only now, as these need packages that the environment may turn out to lack.
    from benchmark.health.data import look_at_data_sets
    from benchmark.health.devices import look_at_devices
    from benchmark.health.folders import look_at_folders
    from benchmark.health.results import look_at_results

    folders = {"results": options.results, "reports": options.reports, "data": options.data}
    problems += print_notes(console, "Devices", look_at_devices())
    problems += print_notes(console, "Folders", look_at_folders(folders))
    problems += print_notes(console, "Data sets", look_at_data_sets(options.data))
    console.print("Results")
    problems += look_at_results(console, options.results, options.repair)
    return EXIT_PROBLEMS_FOUND if problems else 0
