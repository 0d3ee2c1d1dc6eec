"""The main job: plan suites, train what is missing, write reports."""

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table as RichTable

from benchmark.cli import EXIT_FAILED_RUNS
from benchmark.config import Suite
from benchmark.data_command import fetch_if_missing
from benchmark.executors.choice import check_placement, choose_executor
from benchmark.inventory import require_data
from benchmark.packing import MemoryNeeds
from benchmark.plan import Plan
from benchmark.progress import Progress
from benchmark.reporting.audit_report import write_audit
from benchmark.reporting.report import write_report
from benchmark.request import Request, plan_suites, read_suites
from benchmark.scheduler import Scheduler, Status, Summary, runs_to_do
from benchmark.store import ResultStore
from benchmark.training.snapshot import parse_minutes, remove_snapshots
from datasets import CARDS


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
        _show_plan(console, request, store)
        return 0
    complete = True
    if not options.report_only:
        for found in request.summaries.values():
            require_data(found)
        summary = _train(console, options, request.together, store)
        complete = not summary.problems and not summary.stopped
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


def _show_plan(console: Console, request: Request, store: ResultStore) -> None:
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
    for name, plan in rows:
        missing = runs_to_do(plan.runs.values(), store)
        to_do, unique = len(missing), len(plan.runs)
        cost = f"{sum(run.cost for run in missing) / 1e6:,.1f}"
        table.add_row(name, *map(str, (plan.asked, unique, unique - to_do, to_do)), cost)
    console.print(table)
    missing_data = {s.missing for found in request.summaries.values() for s in found if s.missing}
    for sentence in sorted(missing_data):
        console.print(sentence, soft_wrap=True)


def _train(
    console: Console, options: argparse.Namespace, plan: Plan, store: ResultStore
) -> Summary:
    snapshot_minutes = parse_minutes(options.snapshot_minutes)
    store.prepare()
    to_do = runs_to_do(plan.runs.values(), store)
    # A run that was stopped just after its record was written still has a snapshot.
    remove_snapshots(store.snapshots, plan.runs.keys() - {run.key for run in to_do})
    for reason in store.unreadable.values():
        console.print(f"{reason}; its run is done again", soft_wrap=True)
    executor, on_gpu = choose_executor(options, store, len(to_do), snapshot_minutes)
    try:
        # Only a GPU is packed by memory, so only for one are all records worth reading.
        needs = MemoryNeeds(store.records() if on_gpu else ())
        scheduler = Scheduler(plan.runs.values(), store, executor, Progress(console), needs)
        summary = scheduler.run()
    finally:
        executor.close()
    failed = sum(problem.status is Status.FAILED for problem in summary.problems)
    blocked = len(summary.problems) - failed
    others = f", {summary.elsewhere} done by other processes" if summary.elsewhere else ""
    console.print(
        f"{summary.trained} runs trained, {summary.reused} reused{others}, {failed} failed, "
        f"{blocked} blocked by a failed teacher"
    )
    if summary.stopped:
        console.print(f"stopped with {summary.left} runs left: {summary.stopped}", soft_wrap=True)
    for problem in summary.problems:
        console.print(
            f"  {problem.status.value}: {problem.run.description}: {problem.reason}",
            soft_wrap=True,
            markup=False,
        )
    return summary


def _report(
    console: Console, options: argparse.Namespace, request: Request, store: ResultStore
) -> None:
    for suite in request.suites:
        plan = request.plans[suite.name]
        results = {key: result for key in plan.runs if (result := store.result(key)) is not None}
        found = (plan.cells, request.summaries[suite.name], results, options.reports)
        audit = request.audits.get(suite.name)
        report = (
            write_audit(suite, audit, *found)
            if audit
            else write_report(suite, *found, store.find_predictions)
        )
        console.print(Markdown(report.markdown))
        console.print(f"report of {suite.name}: {report.folder}", soft_wrap=True)
