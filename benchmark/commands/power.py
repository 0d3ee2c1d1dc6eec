"""`run_benchmark.py power`: how many repetitions find a difference, and the hours they take."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import (
    SuiteOptions,
    add_folder,
    add_reading,
    add_suite_changes,
    read_suite_options,
    require_points,
    require_results,
)


@dataclass(frozen=True)
class PowerOptions:
    """A suite whose finished runs are the pilot, and the difference to find.

    Attributes:
        difference: in percentage points.
        output: where the answers go as CSV; None for the console alone.
    """

    results: Path
    asked: SuiteOptions
    difference: float
    output: Path | None


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--suite", required=True, metavar="NAME", help="whose finished runs are the pilot")
    add("--smoke", action="store_true", help="the pilot is a smoke run")
    add(
        "--difference",
        type=float,
        default=1.0,
        metavar="POINTS",
        help="true difference of the score from the baseline that is to be found (default: 1.0)",
    )
    add("--output", type=Path, metavar="FILE.csv", help="write the answers there too")
    add_suite_changes(parser)
    add_folder(add, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> PowerOptions:
    require_points("--difference", given.difference)
    given.suite = [given.suite]
    return PowerOptions(given.results, read_suite_options(given), given.difference, given.output)


def run(options: PowerOptions) -> int:
    """Print how many repetitions each comparison needs; returns the exit code.

    Raises:
        UserError: the suite has no baseline, or the folder no pilot of it.
    """
    from benchmark.commands.request import plan_suites, read_suites
    from benchmark.pages.layout import plain_console
    from benchmark.records.store import ResultStore
    from benchmark.repetitions.hours import HoursOfRepetition
    from benchmark.repetitions.pilot import read_pilot, require_comparisons
    from benchmark.repetitions.power import plan_power, whole_suite
    from benchmark.repetitions.power_table import print_power, write_power

    require_results(options.results)
    console = plain_console()
    store = ResultStore(options.results)
    (suite,) = read_suites(options.asked, "auto")
    require_comparisons(suite)
    request = plan_suites([suite], options.asked.data, store, console, adopt=True)
    plan, summaries = request.plans[suite.name], request.summaries[suite.name]
    hours = HoursOfRepetition(store)
    pilot = read_pilot(suite, plan, summaries, store)
    answers = plan_power(suite, pilot, options.difference, hours)
    whole = whole_suite(suite, plan, answers, hours)
    print_power(console, suite, answers, options.difference, whole)
    if options.output is not None:
        write_power(options.output, suite, answers, options.difference)
        console.print(f"written to {options.output}", soft_wrap=True)
    return 0
