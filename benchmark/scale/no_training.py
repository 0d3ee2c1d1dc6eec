"""Dispatching a plan without training its runs, which shows what dispatching alone costs."""

import os
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from benchmark.planning.plan import PlannedRun
from benchmark.records.claims import Claim, Claims
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Outcome, Task
from benchmark.running.progress import Progress
from benchmark.running.scheduler import Scheduler


class NoTrainingExecutor:
    """Claims runs as a worker does, two at a time, and reports each as done without training it."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._submitted: list[tuple[str, Claim]] = []

    def accepts(self, task: Task) -> bool:
        """While fewer than two are under way."""
        return len(self._submitted) < 2

    def submit(self, task: Task) -> None:
        """Claim a run.

        Raises:
            RuntimeError: another process holds it.
        """
        claim = self._claims.acquire(task.run.key, task.run.description, "cpu", task.expired)
        if claim is None:
            raise RuntimeError(f"run {task.run.key} is claimed")
        self._submitted.append((task.run.key, claim.__enter__()))

    def wait(self, seconds: float | None) -> Outcome:
        """Drop the claim on a run, which counts as done."""
        key, claim = self._submitted.pop()
        claim.require()
        claim.__exit__(None, None, None)
        return Outcome(key)

    def close(self) -> None:
        """Nothing: no process is left."""


def dispatch(runs: Iterable[PlannedRun], results: Path) -> None:
    """Dispatch all runs of a plan against a results folder without records."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        progress = Progress(Console(file=nowhere))
        store = ResultStore(results)
        Scheduler(runs, store, NoTrainingExecutor(store.claims), progress).run()
