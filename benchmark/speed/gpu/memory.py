"""Out of memory, provoked: what becomes of runs, and of the process that trained them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Ending, Outcome, Task, begin
from benchmark.running.worker import Worker
from benchmark.speed.gpu.step import Context, Result
from benchmark.training.interleaving import Interleaver
from methods.reference import Reference

SPARE_MIB = (64, 256, 512, 1024, 2048)  # left to two runs, which take about 400 for weights alone


def out_of_memory(context: Context) -> Result:
    """Two runs side by side on real data, with ever more of the device's memory left to them.

    One process trains them all, and at last two that have the device for themselves.

    Raises:
        RuntimeError: those do not end well.
    """
    found: Result = {}
    with TemporaryDirectory() as name:
        runs = _runs(context, Path(name) / "data")
        for spare in SPARE_MIB if context.device.type == "cuda" else ():
            with _occupied(context.device, spare * 2**20):
                outcomes = _train(context.device, runs, Path(name) / str(spare))
            found[f"{spare} MiB left"] = [_shown(each) for each in outcomes]
        outcomes = _train(context.device, runs, Path(name) / "alone")
    found["afterwards"] = [_shown(each) for each in outcomes]
    if any(each.ending is not Ending.DONE for each in outcomes):
        raise RuntimeError(f"runs after those that ran out of memory do not end well: {found}")
    return found


def _runs(context: Context, data: Path) -> list[PlannedRun]:
    """Two repetitions of STUDENT on data that ships with the suite."""
    changes = {
        "scenario": "cross_modal",
        "methods": ["dkd"],
        "plugins": ["none"],
        "seeds": 2,
        "training": {"epochs": context.sizes.epochs},
    }
    suite = read_suite("quickstart", changes)
    (entry,) = suite.datasets
    plan = make_plan(suite, take_inventory(suite, data))
    return [
        run
        for run in plan.runs.values()
        if run.spec.method == Reference.name and run.spec.modalities == (entry.student,)
    ]


def _train(device: torch.device, runs: list[PlannedRun], folder: Path) -> list[Outcome]:
    store = ResultStore(folder)
    store.prepare()
    worker = Worker(store, device, snapshot_minutes=None)
    interleaver: Interleaver[str, Outcome] = Interleaver(device)
    for run in runs:
        begin(interleaver, worker, Task(run))
    return [outcome for _, outcome in interleaver.finish()]


@contextmanager
def _occupied(device: torch.device, spare: int) -> Iterator[None]:
    """Take all memory of a device but some bytes."""
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(device)
    ballast = torch.empty(max(0, free - spare), dtype=torch.uint8, device=device)
    try:
        yield
    finally:
        del ballast
        torch.cuda.empty_cache()


def _shown(outcome: Outcome) -> Result:
    return {"ending": outcome.ending, "reason": outcome.reason, "notes": list(outcome.notes)}
