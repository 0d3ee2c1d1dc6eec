"""The main job: plan suites, train what is missing, write reports."""

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable

from benchmark.cli import EXIT_FAILED_RUNS
from benchmark.commands.data import fetch_if_missing
from benchmark.commands.request import Request, plan_suites, read_suites
from benchmark.planning.config import Suite
from benchmark.planning.inventory import require_data
from benchmark.records.store import ResultStore
from benchmark.running.executors.placement import check_placement
from benchmark.running.remaining import runs_to_do
from benchmark.speed.hours import print_hours
from core.collector import without_collection
from datasets import CARDS

SHOWN_LINES = 300  # of a report on the console, which is no place to read more


def run_suites(options: argparse.Namespace) -> int:
    """Do what the command line asks for; returns the exit code.

    Raises:
        UserError: wrong input, before anything is trained.
    """
    check_placement(options)
    console = Console(highlight=False)
    store = ResultStore(options.results)
    suites = read_suites(options)
    reading = options.dry_run or options.report_only
    if not reading:
        _fetch_small_data(console, suites, options)
    request = plan_suites(suites, options, store, console, adopt=reading)
    if options.dry_run:
        _show_plan(console, request, store, options.devices)
        return 0
    complete = True
    if not options.report_only:
        for found in request.summaries.values():
            require_data(found)
        # Imported where they are needed: a plan is shown without waiting for PyTorch or pandas.
        from benchmark.running.execution import train

        summary = train(console, options, request.together, store)
        complete = not summary.unfinished and not summary.stopped
    with without_collection():
        _report(console, options, request, store)
    return 0 if complete else EXIT_FAILED_RUNS


def _fetch_small_data(
    console: Console, suites: Sequence[Suite], options: argparse.Namespace
) -> None:
    """Download what a suite may download by itself."""
    for suite in suites:
        for entry in suite.datasets if not suite.smoke else ():
            if entry.name in CARDS and entry.npz is None and entry.npy is None:
                fetch_if_missing(CARDS.get(entry.name), options.data, console)


def _show_plan(console: Console, request: Request, store: ResultStore, devices: str) -> None:
    plans = request.plans
    table = RichTable(
        "suite",
        "runs asked for",
        "unique",
        "done",
        "to do",
        "million images to train",
        title="Plan",
    )
    rows = (
        [*plans.items(), ("together", request.together)] if len(plans) > 1 else list(plans.items())
    )
    to_train = {}
    for name, plan in rows:
        missing = to_train[name] = runs_to_do(plan.runs.values(), store)
        to_do, unique = len(missing), len(plan.runs)
        cost = f"{sum(run.cost for run in missing) / 1e6:,.1f}"
        table.add_row(name, *map(str, (plan.asked, unique, unique - to_do, to_do)), cost)
    console.print(table)
    print_hours(console, to_train, store.folder, devices)
    missing_data = {s.missing for found in request.summaries.values() for s in found if s.missing}
    for sentence in sorted(missing_data):
        console.print(sentence, soft_wrap=True)


def _report(
    console: Console, options: argparse.Namespace, request: Request, store: ResultStore
) -> None:
    from rich.markdown import Markdown

    from benchmark.reporting.audit.report import write_audit
    from benchmark.reporting.report import write_report

    for suite in request.suites:
        plan = request.plans[suite.name]
        results = store.results_of(plan.runs)
        found = (plan.cells, request.summaries[suite.name], results, options.reports)
        audit = request.audits.get(suite.name)
        report = (
            write_audit(suite, audit, *found)
            if audit
            else write_report(suite, *found, store.find_predictions)
        )
        lines = report.markdown.count("\n")
        if lines <= SHOWN_LINES:
            console.print(Markdown(report.markdown))
        else:
            console.print(f"the tables of {suite.name} have {lines} lines: read them in its report")
        console.print(f"report of {suite.name}: {report.folder}", soft_wrap=True)
