"""`run_benchmark.py pack`: many records as one file, to ship or to keep."""

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
from benchmark.commands.tuning_options import TuningOptions, add_tuning, read_tuning
from core.errors import UserError


@dataclass(frozen=True)
class PackOptions:
    """A results folder, the suites whose runs are packed, all runs if none, and the archive.

    Attributes:
        tuning: trials and tuned rows that are packed with the suites; None packs none.
    """

    results: Path
    asked: SuiteOptions
    output: Path
    tuning: TuningOptions | None


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="FILE.zip",
        help="the archive; records in <results>/archives/ are read like loose ones",
    )
    parser.add_argument(
        "--suite", action="append", default=[], metavar="NAME", help="only the runs of this suite"
    )
    parser.add_argument("--smoke", action="store_true", help="the suites are smoke runs")
    add_tuning(
        parser.add_argument, "with the runs that --tune N trained of the suite, those of trials too"
    )
    add_suite_changes(parser)
    add_folder(parser.add_argument, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> PackOptions:
    if given.output.suffix != ".zip":
        raise UserError(f"--output {given.output}: expected a name that ends in .zip")
    tuning = read_tuning(given)
    if tuning and not given.suite:
        raise UserError("--tune says which runs of a suite are packed; name one with --suite")
    return PackOptions(given.results, read_suite_options(given), given.output, tuning)


def run(options: PackOptions) -> int:
    """Write the archive and say what is in it; returns the exit code.

    Raises:
        UserError: nothing to pack, a record is not whole, or the archive cannot be written.
    """
    from benchmark.commands.request import plan_suites, read_suites
    from benchmark.pages.layout import plain_console
    from benchmark.records.archive import pack
    from benchmark.records.store import ResultStore

    console = plain_console()
    store = ResultStore(options.results)
    wanted = store.files.all_keys()
    if options.asked.suites:
        suites = read_suites(options.asked, "auto")
        tuning = options.tuning.of(suites) if options.tuning else None
        request = plan_suites(suites, options.asked.data, store, console, True, tuning)
        if tuning:
            from benchmark.commands.tuned_rows import add_tuned_rows, drop_pruned

            for step in (drop_pruned, add_tuned_rows):
                request, _ = step(console, request, store)
        wanted = [store.home(key) for key in request.together.runs]
    packed = pack(store.files, wanted, options.output)
    console.print(
        f"{packed} of {len(wanted)} runs packed into {options.output} "
        f"({options.output.stat().st_size / 1e3:,.0f} kB); their loose files are left in place",
        soft_wrap=True,
    )
    return 0
