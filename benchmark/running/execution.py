"""Carries a plan out on the devices that the command line names."""

from collections.abc import Sequence

from rich.console import Console, RenderableType

from benchmark.planning.plan import Plan
from benchmark.records.store import ResultStore
from benchmark.running.executors.choice import choose_executor
from benchmark.running.executors.placement import Placement
from benchmark.running.packing import MemoryNeeds
from benchmark.running.progress import Progress
from benchmark.running.remaining import runs_to_do
from benchmark.running.scheduler import ScheduleOutcome, Scheduler, Status
from benchmark.running.tracking.base import Tracker
from benchmark.running.tracking.logged import LoggedRuns
from benchmark.training.snapshot import remove_snapshots


def train(
    console: Console,
    placement: Placement,
    plan: Plan,
    store: ResultStore,
    screen: RenderableType | None = None,
    trackers: Sequence[Tracker] = (),
) -> ScheduleOutcome:
    """Train the runs of a plan that have no result, and print how that went.

    Args:
        console: where to print.
        placement: where and how runs are trained.
        plan: all of them.
        store: what is done, and where results go.
        screen: what a terminal shows meanwhile, as `Progress` takes it.
        trackers: what every finished run is logged to, those that were finished before too.

    Raises:
        UserError: there are no such devices, or the results folder cannot be written to.
    """
    store.prepare()
    to_do = runs_to_do(plan.runs.values(), store)
    # A run that was stopped just after its record was written still has a snapshot.
    remove_snapshots(store.snapshots, plan.runs.keys() - {run.key for run in to_do})
    for reason in store.unreadable.values():
        console.print(f"{reason}; its run is done again", soft_wrap=True)
    executor, on_gpu = choose_executor(placement, len(to_do))
    try:
        # Only a GPU is packed by memory, so only for one are all records worth reading.
        needs = MemoryNeeds(store.records() if on_gpu else ())
        progress = Progress(console, screen)
        logged = LoggedRuns(store, trackers)
        runs = plan.runs.values()
        missing = {run.key for run in to_do}
        for sentence in logged.add_finished(run for run in runs if run.key not in missing):
            console.print(sentence, soft_wrap=True)
        summary = Scheduler(runs, store, executor, progress, needs, logged.add).run()
    finally:
        executor.close()
    failed = sum(problem.status is Status.FAILED for problem in summary.unfinished)
    blocked = len(summary.unfinished) - failed
    others = f", {summary.elsewhere} done by other processes" if summary.elsewhere else ""
    console.print(
        f"{summary.trained} runs trained, {summary.reused} reused{others}, {failed} failed, "
        f"{blocked} blocked by a failed teacher"
    )
    if summary.stopped:
        console.print(f"stopped with {summary.left} runs left: {summary.stopped}", soft_wrap=True)
    for problem in summary.unfinished:
        console.print(
            f"  {problem.status.value}: {problem.run.description}: {problem.reason}",
            soft_wrap=True,
            markup=False,
        )
    return summary
