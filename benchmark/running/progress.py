"""How far things are: a live display on a terminal, a plain log elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as ProgressBar
from rich.text import Text

from benchmark.planning.plan import PlannedRun


class Progress:
    """Counts runs and estimates the time left from the cost of those already trained.

    Args:
        console: where to show it; a terminal gets a live display, anything else a line per event.
        screen: what the display shows in place of a bar and the runs under way; it is drawn anew
            every second.
    """

    def __init__(self, console: Console, screen: RenderableType | None = None) -> None:
        self._console = console
        self._screen = screen
        self._running: dict[str, PlannedRun] = {}
        self._started = 0.0
        self._total_cost = self._ended_cost = 0.0
        self._total = self._ended = self._failed = 0
        self._bar = ProgressBar(
            TextColumn("runs"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            auto_refresh=False,
        )
        self._task = self._bar.add_task("runs", note="")
        self._live: Live | None = None

    @contextmanager
    def tracking(self, runs: Sequence[PlannedRun], reused: int) -> Iterator[None]:
        """Show progress over `runs` inside this block; `reused` runs were done before."""
        self._started = time.monotonic()
        self._total, self._total_cost = len(runs), sum(run.cost for run in runs)
        self._bar.update(self._task, total=self._total)
        if reused:
            self._log(f"{reused} runs are done already, {self._total} to do")
        on_terminal = self._console.is_terminal and self._total > 0
        display = Live(
            self._screen or self._render(),
            console=self._console,
            transient=True,
            refresh_per_second=1 if self._screen else 4,
        )
        self._live = display if on_terminal else None
        with display if on_terminal else nullcontext():
            yield

    def started(self, run: PlannedRun) -> None:
        """A run was handed to an executor."""
        self._running[run.key] = run
        self._refresh()

    def done(self, run: PlannedRun, trained: bool) -> None:
        """A run ended with a result, trained here or by another process."""
        self._end(run)
        where = "" if trained else " (by another process)"
        self._log(f"done    {self._count()}  {run.description}{where}{self._left()}")

    def elsewhere(self, run: PlannedRun) -> None:
        """Another process holds a run."""
        self._running.pop(run.key, None)
        self._refresh()

    def retried(self, run: PlannedRun, reason: str) -> None:
        """A run was lost with its process or machine; it will be tried again."""
        self._running.pop(run.key, None)
        self._log(f"again   {self._count()}  {run.description}: {reason}")

    def stopped(self, run: PlannedRun, reason: str) -> None:
        """A run was given up, and no other will be started."""
        self._running.pop(run.key, None)
        self._log(f"stopped {self._count()}  {run.description}: {reason}")

    def failed(self, run: PlannedRun, status: str, reason: str) -> None:
        """A run ended without a result, or will not be started."""
        self._failed += 1
        self._end(run)
        self._log(f"{status:<7} {self._count()}  {run.description}: {reason}")

    def note(self, run: PlannedRun, sentence: str) -> None:
        """Something that the user should know of a run that ended with a result."""
        self._log(f"note    {run.description}: {sentence}")

    def _end(self, run: PlannedRun) -> None:
        self._running.pop(run.key, None)
        self._ended += 1
        self._ended_cost += run.cost
        self._bar.update(self._task, completed=self._ended)
        self._refresh()

    def _count(self) -> str:
        return f"{self._ended:>{len(str(self._total))}}/{self._total}"

    def _left(self) -> str:
        """Time left as text; "" where nothing is left."""
        remaining = self._total_cost - self._ended_cost
        if remaining <= 0 or self._ended_cost <= 0:
            return ""
        seconds = (time.monotonic() - self._started) * remaining / self._ended_cost
        return f"  (about {timedelta(seconds=round(seconds))} left)"

    def _log(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

    def _refresh(self) -> None:
        if self._live is not None and self._screen is None:
            self._live.update(self._render())

    def _render(self) -> Group:
        failed = f"  {self._failed} without result" if self._failed else ""
        self._bar.update(self._task, note=f"{self._left().strip()}{failed}")
        lines = [Text(f"  training {run.description}", "dim") for run in self._running.values()]
        return Group(self._bar.get_renderable(), *lines)


@contextmanager
def progress_bar(
    console: Console, title: str, amount: ProgressColumn
) -> Iterator[Callable[[int, int | None], None]]:
    """A bar that appears with the first advance; yields the callback (done, total) of it."""
    columns = (TextColumn(title), BarColumn(), amount, TimeRemainingColumn())
    with ProgressBar(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(title, visible=False)

        def advance(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield advance
