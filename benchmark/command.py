"""The main job: plan suites, train what is missing, write reports."""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import torch
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import MofNCompleteColumn
from rich.table import Table as RichTable

from benchmark.audit import AuditPlan, plan_audit
from benchmark.cli import EXIT_FAILED_RUNS
from benchmark.config import MethodEntry, Suite, read_suite
from benchmark.data_command import fetch_if_missing
from benchmark.executors.base import Executor
from benchmark.executors.inline import InlineExecutor
from benchmark.executors.local import LocalExecutor, WorkerSettings
from benchmark.inventory import DatasetSummary, adopt_recorded, require_data, take_inventory
from benchmark.plan import Plan, make_plan
from benchmark.progress import Progress, progress_bar
from benchmark.reporting.audit_report import write_audit
from benchmark.reporting.report import write_report
from benchmark.scheduler import Scheduler, Status, Summary, runs_to_do
from benchmark.store import ResultStore
from benchmark.training.precision import resolve_devices
from benchmark.worker import Worker
from core.errors import UserError, nearest_names
from datasets import CARDS
from methods import METHODS
from methods.registry import load_user_file

SMOKE_SEEDS = 2
SMOKE_TRAINING = {"epochs": 2, "batch_size": 32}


def run_suites(options: argparse.Namespace) -> int:
    """Do what the command line asks for; returns the exit code.

    Raises:
        UserError: wrong input, before anything is trained.
    """
    console = Console(highlight=False)
    known = set(METHODS)
    for path in options.load:
        load_user_file(path)
    own_methods = [name for name in METHODS if name not in known]
    store = ResultStore(options.results)
    suites = [_suite(name, options, own_methods) for name in options.suite]
    _require_distinct(suites)
    if not options.dry_run and not options.report_only:
        _fetch_small_data(console, suites, options)
    summaries = {
        suite.name: take_inventory(suite, options.data, partial(_preparing, console))
        for suite in suites
    }
    if options.report_only or options.dry_run:
        summaries = {name: adopt_recorded(found, store) for name, found in summaries.items()}
    audits = {s.name: plan_audit(s, summaries[s.name]) for s in suites if s.audit}
    plans = {
        suite.name: audits[suite.name].plan
        if suite.audit
        else make_plan(suite, summaries[suite.name])
        for suite in suites
    }
    plan = Plan()
    for own in plans.values():
        plan.merge(own)
    if options.dry_run:
        _show_plan(console, plans, plan, store, summaries)
        return 0
    problems = 0
    if not options.report_only:
        for found in summaries.values():
            require_data(found)
        problems = len(_train(console, options, plan, store).problems)
    _report(console, options, suites, summaries, plans, audits, store)
    return EXIT_FAILED_RUNS if problems else 0


def _suite(name: str, options: argparse.Namespace, own_methods: Sequence[str]) -> Suite:
    """Read a suite and apply the command line's changes to it."""
    training: dict[str, Any] = dict(SMOKE_TRAINING) if options.smoke else {}
    for key in ("epochs", "batch_size", "precision"):
        if getattr(options, key) is not None:
            training[key] = getattr(options, key)
    overrides: dict[str, Any] = {"smoke": options.smoke, "training": training}
    for key in ("seeds", "protocol", "methods", "plugins"):
        if getattr(options, key) is not None:
            overrides[key] = getattr(options, key)
    suite = read_suite(name, overrides)
    changes: dict[str, Any] = {}
    if options.smoke:
        changes["name"] = f"{suite.name}_smoke"
        if options.seeds is None:
            changes["seeds"] = suite.seeds[:SMOKE_SEEDS]
    if options.datasets is not None:
        available = [entry.name for entry in suite.datasets]
        for wanted in options.datasets:
            if wanted not in available:
                hint = nearest_names(wanted, available)
                raise UserError(f"suite {suite.name} has no data set '{wanted}': {hint}")
        changes["datasets"] = tuple(e for e in suite.datasets if e.name in options.datasets)
    listed = {entry.name for entry in suite.methods}
    if options.methods is None:
        joining = [name for name in own_methods if name not in listed]
        changes["methods"] = (*suite.methods, *(MethodEntry(name=name) for name in joining))
    return suite.model_copy(update=changes)


def _fetch_small_data(
    console: Console, suites: Sequence[Suite], options: argparse.Namespace
) -> None:
    """Download what a suite may download by itself."""
    for suite in suites:
        for entry in suite.datasets if not suite.smoke else ():
            if entry.name in CARDS and entry.npz is None and entry.npy is None:
                fetch_if_missing(CARDS.get(entry.name), options.data, console)


def _preparing(
    console: Console, name: str
) -> AbstractContextManager[Callable[[int, int | None], None]]:
    return progress_bar(console, f"preparing {name}", MofNCompleteColumn())


def _require_distinct(suites: Sequence[Suite]) -> None:
    names = [suite.name for suite in suites]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"two suites are called '{name}'; name each one differently")


def _show_plan(
    console: Console,
    plans: Mapping[str, Plan],
    together: Plan,
    store: ResultStore,
    summaries: Mapping[str, Sequence[DatasetSummary]],
) -> None:
    table = RichTable(
        "suite",
        "runs asked for",
        "unique",
        "done",
        "to do",
        "million images to train",
        title="Plan",
    )
    rows = [*plans.items(), ("together", together)] if len(plans) > 1 else list(plans.items())
    for name, plan in rows:
        missing = runs_to_do(plan.runs.values(), store)
        to_do, unique = len(missing), len(plan.runs)
        cost = f"{sum(run.cost for run in missing) / 1e6:,.1f}"
        table.add_row(name, *map(str, (plan.asked, unique, unique - to_do, to_do)), cost)
    console.print(table)
    missing_data = {s.missing for found in summaries.values() for s in found if s.missing}
    for sentence in sorted(missing_data):
        console.print(sentence, soft_wrap=True)


def _train(
    console: Console, options: argparse.Namespace, plan: Plan, store: ResultStore
) -> Summary:
    devices = resolve_devices(options.device)
    if options.workers is not None and options.workers < 1:
        raise UserError(f"--workers {options.workers}: expected 1 or more")
    store.prepare()
    with store.lock():
        to_do = runs_to_do(plan.runs.values(), store)
        for reason in store.unreadable.values():
            console.print(f"{reason}; its run is done again", soft_wrap=True)
        executor = _executor(options, devices, store, len(to_do))
        try:
            scheduler = Scheduler(plan.runs.values(), store, executor, Progress(console))
            summary = scheduler.run()
        finally:
            executor.close()
    failed = sum(problem.status is Status.FAILED for problem in summary.problems)
    blocked = len(summary.problems) - failed
    console.print(
        f"{summary.trained} runs trained, {summary.reused} reused, {failed} failed, "
        f"{blocked} blocked by a failed teacher"
    )
    for problem in summary.problems:
        console.print(
            f"  {problem.status.value}: {problem.run.description}: {problem.reason}",
            soft_wrap=True,
            markup=False,
        )
    return summary


def _executor(
    options: argparse.Namespace, devices: Sequence[torch.device], store: ResultStore, runs: int
) -> Executor:
    """Choose the executor; never more processes than runs."""
    if devices[0].type == "cpu":
        slots = [devices[0]] * (options.workers or _cpu_cores())
    else:
        slots = [device for device in devices for _ in range(options.workers or 1)]
    slots = slots[: max(runs, 1)]
    wanted = options.executor
    if wanted == "inline" or runs == 0 or (wanted == "auto" and len(slots) == 1):
        return InlineExecutor(Worker(store, devices[0], options.keep_weights))
    settings = WorkerSettings(options.results, options.keep_weights, tuple(options.load))
    return LocalExecutor(slots, settings)


def _cpu_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _report(
    console: Console,
    options: argparse.Namespace,
    suites: Sequence[Suite],
    summaries: Mapping[str, Sequence[DatasetSummary]],
    plans: Mapping[str, Plan],
    audits: Mapping[str, AuditPlan],
    store: ResultStore,
) -> None:
    for suite in suites:
        plan = plans[suite.name]
        results = {key: result for key in plan.runs if (result := store.result(key)) is not None}
        found = (plan.cells, summaries[suite.name], results, options.reports)
        audit = audits.get(suite.name)
        report = (
            write_audit(suite, audit, *found)
            if audit
            else write_report(suite, *found, store.find_predictions)
        )
        console.print(Markdown(report.markdown))
        console.print(f"report of {suite.name}: {report.folder}", soft_wrap=True)
