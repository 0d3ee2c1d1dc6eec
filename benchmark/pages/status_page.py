"""How a results folder stands, and how far suites are in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from benchmark.pages.layout import facts, heading, sentence
from benchmark.planning.plan import Plan
from benchmark.records.status import FolderStatus, Work, seconds_left
from benchmark.records.store import ResultStore


def print_status(console: Console, status: FolderStatus) -> None:
    """Print what is done, running and failed, and which records cannot be read."""
    facts(console, _summary(status))
    _print_running(console, status)
    _print_failures(console, status)
    for reason in status.unreadable.values():
        sentence(console, f"{reason}; its run will be done again")


def print_progress(
    console: Console, plans: Mapping[str, Plan], store: ResultStore, status: FolderStatus
) -> None:
    """Print what is left to do of each plan, suite -> plan, and how long it will take."""
    heading(console, "Suites")
    table = Table("suite", "runs", "done", "running", "to do", "time left")
    for name, plan in plans.items():
        work = []
        for run in plan.runs.values():
            result = store.result(run.key)
            kind = (run.source.name, run.spec.method, run.spec.plugin)
            work.append(Work(kind, run.cost, result.seconds if result else None))
        done = sum(run.seconds is not None for run in work)
        running = len(plan.runs.keys() & status.running.keys())
        counts = (len(work), done, running, len(work) - done - running)
        table.add_row(name, *map(str, counts), _time_left(work, len(status.running)))
    console.print(table)


def _summary(status: FolderStatus) -> list[tuple[str, str]]:
    spent = [
        (f"{'CPU' if device.startswith('CPU') else 'GPU'}-hours, {device}", f"{total / 3600:,.2f}")
        for device, total in sorted(status.seconds.items())
    ]
    return [
        ("done", str(status.done)),
        ("running", str(len(status.running))),
        ("failed", str(len(status.failures))),
        ("abandoned", str(len(status.abandoned))),
        *spent,
    ]


def _print_running(console: Console, status: FolderStatus) -> None:
    if not status.running:
        return
    heading(console, "Running")
    table = Table("run", "where", "device", "for")
    now = datetime.now(UTC)
    for key, owner in status.running.items():
        if owner is None:
            table.add_row(key, "unknown", "unknown", "unknown")
            continue
        spent = timedelta(seconds=round((now - owner.since).total_seconds()))
        table.add_row(owner.run, f"{owner.host}, process {owner.pid}", owner.device, str(spent))
    console.print(table)


def _print_failures(console: Console, status: FolderStatus) -> None:
    if not status.failures:
        return
    heading(console, "Failed")
    for failure in status.failures:
        sentence(console, f"{failure.run} ({failure.key}): {failure.reason}")


def _time_left(work: Sequence[Work], running: int) -> str:
    left = seconds_left(work, max(running, 1))
    if left is None:
        return "unknown"
    return f"about {timedelta(seconds=round(left))}" if left else "none"
