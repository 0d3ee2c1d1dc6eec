"""The main job: plan suites, train what is missing, write reports."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.exit_codes import EXIT_FAILED_RUNS
from benchmark.commands.options import (
    SuiteOptions,
    add_debug,
    add_folder,
    add_suite_changes,
    read_suite_options,
    require_points,
    require_range,
)
from benchmark.commands.tuning_options import TuningOptions, add_tuning, read_tuning
from benchmark.running.executors.placement import Placement, check_placement
from benchmark.running.tracking.choice import TOOLS, check_tools
from core.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from benchmark.commands.request import Request
    from benchmark.planning.config import Suite
    from benchmark.planning.plan import Plan
    from benchmark.records.store import ResultStore
    from benchmark.repetitions.two_stages import Target
    from benchmark.running.scheduler import ScheduleOutcome

SUITES = Path(__file__).parents[1] / "planning" / "suites"
MOST_RUNS_PER_DEVICE = 1000
MOST_SEEDS = 20  # by default
MOST_REPETITIONS = 10_000  # of a suite


@dataclass(frozen=True)
class RunOptions:
    """The suites, where and how they are trained, and where reports go.

    Attributes:
        dry_run: show the plan alone.
        report_only: write reports alone.
        until: half width in points that repetitions are added for; None adds none.
        most_seeds: repetitions in all that may be made for it.
        tuning: trials of each row; None tunes nothing.
        live: show the grid on the terminal as it fills.
        log_to: tools that finished runs are logged to.
    """

    asked: SuiteOptions
    placement: Placement
    reports: Path
    dry_run: bool
    report_only: bool
    until: float | None
    most_seeds: int
    tuning: TuningOptions | None
    live: bool
    log_to: tuple[str, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    shipped = ", ".join(sorted(path.stem for path in SUITES.glob("*.yaml")))
    add(
        "--suite",
        action="append",
        required=True,
        metavar="NAME",
        help="a shipped suite or the path of a .yaml file; may be repeated: shared runs are "
        f"trained once (shipped: {shipped})",
    )
    add(
        "--smoke", action="store_true", help="miniature data, few epochs: the whole path in minutes"
    )
    add("--dry-run", action="store_true", help="show the plan and what is done, train nothing")
    add("--report-only", action="store_true", help="write reports from what is done, train nothing")
    add(
        "--until",
        type=float,
        metavar="POINTS",
        help="after the suite's own repetitions, as the first of Stein's two stages, add as many "
        "as make every 95 %% interval against the baseline at most ± this many points",
    )
    add(
        "--most-seeds",
        type=int,
        metavar="N",
        help=f"repetitions in all that --until may make (default: {MOST_SEEDS})",
    )
    add_tuning(
        add,
        "try N choices of hyper-parameters for every row but TEACHER, the default among them; "
        "choose by validation on repetitions after the suite's, and report both",
    )
    add_suite_changes(parser)
    _add_placement(parser)


def _add_placement(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("where and how").add_argument
    add(
        "--devices",
        "--device",
        default="auto",
        metavar="auto|cpu|cuda|cuda:0,cuda:2",
        help="auto and cuda use all GPUs that are visible",
    )
    add(
        "--runs-per-device",
        "--workers",
        type=int,
        metavar="N",
        help="runs at once on each device (default: one per CPU core; on a GPU as many as fit, "
        "by the memory that earlier runs of the same shape took)",
    )
    add(
        "--executor",
        choices=("auto", "inline", "local", "ray"),
        default="auto",
        help="inline: in this process; local: in worker processes; ray: on a Ray cluster",
    )
    add(
        "--ray-address",
        metavar="auto|HOST:PORT",
        help="the Ray cluster (default: auto, the one that this machine is part of)",
    )
    for name in ("results", "reports", "data"):
        add_folder(add, name)
    add(
        "--keep-weights",
        action="store_true",
        help="keep the weights of all runs, not only teachers",
    )
    add(
        "--snapshot-minutes",
        default="10",
        metavar="N|off",
        help="least time between two snapshots, which a training that was stopped goes on from "
        "(default: 10; 0: after every epoch)",
    )
    add(
        "--no-graphs",
        action="store_true",
        help="on a GPU, launch each kernel by itself rather than training steps as CUDA graphs",
    )
    add(
        "--live",
        action="store_true",
        help="on a terminal, show the grid as it fills, below the lines about runs",
    )
    add(
        "--log-to",
        action="append",
        default=[],
        choices=tuple(TOOLS),
        help="log curves, scores and settings of every finished run to this tool too; may be "
        "repeated",
    )
    add_debug(add)


def read(given: argparse.Namespace) -> RunOptions:
    if given.runs_per_device is not None:
        require_range("--runs-per-device", given.runs_per_device, 1, MOST_RUNS_PER_DEVICE)
    if given.until is not None:
        require_points("--until", given.until)
    if given.most_seeds is not None:
        if given.until is None:
            raise UserError("--most-seeds is the limit of --until; add --until, or leave it out")
        require_range("--most-seeds", given.most_seeds, 2, MOST_REPETITIONS)
    tuning = read_tuning(given)
    if tuning and given.until is not None:
        raise UserError(
            "--tune and --until cannot be given together, as trials are tried on the repetitions "
            "that --until adds; give a number of repetitions with --seeds"
        )
    asked = read_suite_options(given)
    placement = Placement(
        results=given.results,
        devices=given.devices,
        runs_per_device=given.runs_per_device,
        executor=given.executor,
        ray_address=given.ray_address,
        keep_weights=given.keep_weights,
        load=asked.load,
        snapshot_minutes=_minutes(given.snapshot_minutes),
        graphs=not given.no_graphs,
    )
    return RunOptions(
        asked,
        placement,
        given.reports,
        given.dry_run,
        given.report_only,
        given.until,
        given.most_seeds or MOST_SEEDS,
        tuning,
        given.live,
        tuple(given.log_to),
    )


def _minutes(text: str) -> float | None:
    """What --snapshot-minutes stands for: minutes, or None for "off"."""
    if text == "off":
        return None
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 <= minutes < math.inf:
        raise UserError(f"--snapshot-minutes {text}: expected a number from 0, or off")
    return minutes


def run(options: RunOptions) -> int:
    """Do what the command line asks for; returns the exit code.

    Raises:
        UserError: wrong input, before anything is trained.
    """
    check_placement(options.placement)
    check_tools(options.log_to)
    from rich.console import Console

    from benchmark.commands.request import (
        plan_suites,
        read_suites,
        require_something_to_report,
    )
    from benchmark.records.store import ResultStore
    from core.collector import without_collection

    console = Console(highlight=False, markup=False, emoji=False)
    store = ResultStore(options.placement.results)
    on_cluster = options.placement.executor == "ray"
    suites = read_suites(options.asked, None if on_cluster else options.placement.devices)
    target = _target(options, suites)
    reading = options.dry_run or options.report_only
    tuning = options.tuning.of(suites) if options.tuning else None
    request = plan_suites(suites, options.asked.data, store, console, reading, tuning)
    if options.report_only:
        require_something_to_report(request, store)
    outcome = None if reading else _train(console, options, request, request.first, store)
    complete = outcome is None or _is_complete(outcome)
    if tuning is not None:
        from benchmark.commands.tuned_rows import add_tuned_rows, drop_pruned

        for step in (drop_pruned, add_tuned_rows):
            request, plan = step(console, request, store)
            if outcome is not None and not outcome.stopped and plan.runs:
                outcome = _train(console, options, request, plan, store)
                complete &= _is_complete(outcome)
    if target is not None:
        from benchmark.commands.second_stage import add_repetitions

        first = request
        request = add_repetitions(
            console, request, store, target, options.asked.data, adopt=reading
        )
        if not reading and request.suites != first.suites:
            complete = _is_complete(_train(console, options, request, request.together, store))
    # What follows is imported where it is needed: a plan is shown without waiting for PyTorch or
    # pandas.
    if options.dry_run:
        from benchmark.commands.plan_display import print_plan

        print_plan(console, request, store, options.placement.devices)
        return 0
    from benchmark.commands.again import command_of
    from benchmark.commands.report_display import write_reports

    named = zip(options.asked.suites, request.suites, strict=True)
    results = options.placement.results
    tuned = options.tuning.arguments if options.tuning else []
    commands = {
        suite.name: command_of(options.asked, path, suite, results, tuned) for path, suite in named
    }
    with without_collection():
        write_reports(console, request, store, options.reports, commands)
    return 0 if complete else EXIT_FAILED_RUNS


def _target(options: RunOptions, suites: "Sequence[Suite]") -> "Target | None":
    """What --until asks for, once it is known that the suites allow it."""
    if options.until is None:
        return None
    from benchmark.repetitions.pilot import require_comparisons
    from benchmark.repetitions.two_stages import Target, require_first_stage

    target = Target(options.until, options.most_seeds)
    for suite in suites:
        require_comparisons(suite)
        require_first_stage(suite, target)
    return target


def _train(
    console: "Console",
    options: RunOptions,
    request: "Request",
    plan: "Plan",
    store: "ResultStore",
) -> "ScheduleOutcome":
    """Train what is missing of a plan of the request."""
    from benchmark.planning.inventory import require_data
    from benchmark.running.execution import train
    from benchmark.running.tracking.choice import make_trackers

    for found in request.summaries.values():
        require_data(found)
    screen = _screen(console, request, plan, store) if options.live else None
    trackers = make_trackers(options.log_to, options.placement.results)
    return train(console, options.placement, plan, store, screen, trackers)


def _screen(
    console: "Console", request: "Request", plan: "Plan", store: "ResultStore"
) -> "RenderableType | None":
    """What --live shows; None, and a sentence, where there is no terminal."""
    if not console.is_terminal:
        console.print("--live needs a terminal; here it is a line for each run", soft_wrap=True)
        return None
    from benchmark.pages.watching.screen import GridScreen
    from benchmark.pages.watching.watcher import Watcher
    from benchmark.pages.watching.watching import INTERVAL

    names = ", ".join(suite.name for suite in request.suites)
    return GridScreen(Watcher(names, plan, store, since=datetime.now(UTC)).look, INTERVAL)


def _is_complete(outcome: "ScheduleOutcome") -> bool:
    """Whether everything was trained."""
    return not outcome.unfinished and not outcome.stopped
