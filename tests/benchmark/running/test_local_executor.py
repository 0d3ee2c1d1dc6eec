"""Worker processes that end when nobody expects it."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Ending, Task, WorkerSettings
from benchmark.running.executors.local import LocalExecutor
from benchmark.running.packing import DeviceLoad


def _runs(data: Path, epochs: int) -> list[PlannedRun]:
    overrides = {"smoke": True, "seeds": 1, "methods": ["kd_v1"], "training": {"epochs": epochs}}
    suite = read_suite("table1", overrides)
    return list(make_plan(suite, take_inventory(suite, data)).runs.values())


def test_a_process_that_ends_while_idle_is_replaced(miniature_data: Path, tmp_path: Path) -> None:
    first, second, *_ = _runs(miniature_data, epochs=1)
    store = ResultStore(tmp_path)
    store.prepare()
    settings = WorkerSettings(tmp_path, keep_all_weights=False, user_files=())
    executor = LocalExecutor({torch.device("cpu"): DeviceLoad(None, 1)}, settings, most=1)
    try:
        for run in (first, second):
            assert executor.accepts(Task(run))
            executor.submit(Task(run))
            assert not executor.accepts(Task(run))
            outcome = executor.wait(None)
            assert outcome is not None
            assert (outcome.ending, outcome.trained) == (Ending.DONE, True)
            (child,) = _children()
            os.kill(child, signal.SIGKILL)
            # Until the last of its threads is gone, and with it its end of the pipe.
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    finally:
        executor.close()
    assert store.lookup(first.key) is not None
    assert store.lookup(second.key) is not None


def test_a_process_that_is_ended_while_it_writes_leaves_nothing_half_done(
    miniature_data: Path, tmp_path: Path
) -> None:
    run = _runs(miniature_data, epochs=9999)[0]
    store = ResultStore(tmp_path)
    store.prepare()
    # A snapshot after every epoch, so that it writes most of the time.
    settings = WorkerSettings(tmp_path, keep_all_weights=False, user_files=(), snapshot_minutes=0)
    executor = LocalExecutor({torch.device("cpu"): DeviceLoad(None, 1)}, settings, most=1)
    try:
        executor.submit(Task(run))
        while not list(store.snapshots.glob(".*")):
            time.sleep(0.01)
    finally:
        executor.close()
    assert not list(store.snapshots.glob(".*"))
    assert not list((tmp_path / "claims").iterdir())


def _children() -> set[int]:
    """Living processes that this one started, the resource tracker aside."""
    found = set()
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if any("spawn_main" in word for word in child.cmdline()):
                found.add(child.pid)
    return found
