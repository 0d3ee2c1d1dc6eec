"""The files of a results folder."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from benchmark.records.checkup import Finding, check_archives, check_results, move_aside
from benchmark.records.store import ResultStore
from benchmark.training.snapshot import check_snapshots


def look_at_results(console: Console, folder: Path, repair: bool) -> int:
    """Check every file of a results folder and print what is wrong.

    Args:
        console: where to.
        folder: the results folder, which need not be there.
        repair: move bad files aside.

    Returns:
        The number of problems that remain.

    Raises:
        UserError: it cannot be written to for the repair.
    """
    if not folder.is_dir():
        console.print("    none yet")
        return 0
    store = ResultStore(folder)
    findings = list(check_archives(folder))
    _print_problems(console, findings)
    if any(finding.files for finding in findings):
        if not repair:
            console.print("    --repair moves it aside; no record is looked up until then")
            return len(findings)
        _repair(console, store, findings)
    inside = [*check_results(store), *check_snapshots(store)]
    _print_problems(console, inside)
    findings += inside
    claims = store.claims.overview()
    records = sum(1 for _ in store.results())
    console.print(
        f"    {records} records, {len(claims.held)} runs under way, {len(claims.expired)} to take "
        f"over from dead processes, {len(store.failure_notes())} notes of failures"
    )
    repairable = [finding for finding in findings if finding.files]
    if not repair:
        if repairable:
            console.print(f"    --repair moves the files of {len(repairable)} findings aside")
        return len(findings)
    _repair(console, store, inside)
    return len(findings) - len(repairable)


def _print_problems(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        console.print(f"  ! {finding.problem}")


def _repair(console: Console, store: ResultStore, findings: list[Finding]) -> None:
    for old, new in move_aside(store, findings):
        console.print(f"    moved {old} to {new}")
