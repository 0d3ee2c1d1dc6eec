"""The main job: plan suites, train what is missing, write reports."""

import argparse
import os
from collections.abc import Sequence

import torch
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table as RichTable

from benchmark.cli import EXIT_FAILED_RUNS
from benchmark.config import Suite
from benchmark.data_command import fetch_if_missing
from benchmark.executors.base import Executor
from benchmark.executors.inline import InlineExecutor
from benchmark.executors.local import LocalExecutor, WorkerSettings
from benchmark.garbage import without_collection
from benchmark.inventory import require_data
from benchmark.packing import DeviceLoad, MemoryNeeds
from benchmark.plan import Plan
from benchmark.progress import Progress
from benchmark.reporting.audit_report import write_audit
from benchmark.reporting.report import write_report
from benchmark.request import Request, plan_suites, read_suites
from benchmark.scheduler import Scheduler, Status, Summary, runs_to_do
from benchmark.store import ResultStore
from benchmark.training.precision import resolve_devices
from benchmark.training.snapshot import parse_minutes, remove_snapshots
from benchmark.worker import Worker
from core.errors import UserError
from datasets import CARDS

RUNS_PER_GPU = 8  # more processes would wait for each other's kernels
SHOWN_LINES = 300  # of a report on the console, which is no place to read more


def run_suites(options: argparse.Namespace) -> int:
    """Do what the command line asks for; returns the exit code.

    Raises:
        UserError: wrong input, before anything is trained.
    """
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
    devices = resolve_devices(options.devices)
    if options.runs_per_device is not None and options.runs_per_device < 1:
        raise UserError(f"--runs-per-device {options.runs_per_device}: expected 1 or more")
    snapshot_minutes = parse_minutes(options.snapshot_minutes)
    store.prepare()
    to_do = runs_to_do(plan.runs.values(), store)
    # A run that was stopped just after its record was written still has a snapshot.
    remove_snapshots(store.snapshots, plan.runs.keys() - {run.key for run in to_do})
    for reason in store.unreadable.values():
        console.print(f"{reason}; its run is done again", soft_wrap=True)
    executor = _executor(options, devices, store, len(to_do), snapshot_minutes)
    try:
        # Only a GPU is packed by memory, so only for one are all records worth reading.
        needs = MemoryNeeds(() if devices[0].type == "cpu" else store.records())
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


def _executor(
    options: argparse.Namespace,
    devices: Sequence[torch.device],
    store: ResultStore,
    runs: int,
    snapshot_minutes: float | None,
) -> Executor:
    """Choose the executor; never more processes than runs."""
    loads = {device: _load(device, options.runs_per_device) for device in devices}
    slots = min(sum(load.limit for load in loads.values()), runs)
    wanted = options.executor
    if wanted == "inline" or runs == 0 or (wanted == "auto" and slots == 1):
        return InlineExecutor(Worker(store, devices[0], options.keep_weights, snapshot_minutes))
    settings = WorkerSettings(
        options.results, options.keep_weights, tuple(options.load), snapshot_minutes
    )
    return LocalExecutor(loads, settings, most=slots)


def _load(device: torch.device, runs_per_device: int | None) -> DeviceLoad:
    """How much of a device may be used at once; a number that the user gives is not questioned."""
    if device.type == "cpu":
        return DeviceLoad(None, runs_per_device or _cpu_cores())
    if runs_per_device is not None:
        return DeviceLoad(None, runs_per_device)
    return DeviceLoad(torch.cuda.get_device_properties(device).total_memory, RUNS_PER_GPU)


def _cpu_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _report(
    console: Console, options: argparse.Namespace, request: Request, store: ResultStore
) -> None:
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
