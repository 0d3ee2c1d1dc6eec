"""Carries a plan out on the devices that the command line names."""

import argparse
import os
from collections.abc import Sequence

import torch
from rich.console import Console

from benchmark.executors.base import Executor
from benchmark.executors.inline import InlineExecutor
from benchmark.executors.local import LocalExecutor, WorkerSettings
from benchmark.packing import DeviceLoad, MemoryNeeds
from benchmark.plan import Plan
from benchmark.progress import Progress
from benchmark.remaining import runs_to_do
from benchmark.scheduler import Scheduler, Status, Summary
from benchmark.store import ResultStore
from benchmark.training.precision import resolve_devices
from benchmark.training.snapshot import parse_minutes, remove_snapshots
from benchmark.worker import Worker
from core.errors import UserError

RUNS_PER_GPU = 8  # more would wait for each other's kernels


def train(console: Console, options: argparse.Namespace, plan: Plan, store: ResultStore) -> Summary:
    """Train the runs of a plan that have no result, and print how that went.

    Raises:
        UserError: the options are wrong, or the results folder cannot be written to.
    """
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
        worker = Worker(
            store, devices[0], options.keep_weights, snapshot_minutes, not options.no_graphs
        )
        return InlineExecutor(worker)
    settings = WorkerSettings(
        options.results,
        options.keep_weights,
        tuple(options.load),
        snapshot_minutes,
        not options.no_graphs,
    )
    return LocalExecutor(loads, settings, most=slots)


def _load(device: torch.device, runs_per_device: int | None) -> DeviceLoad:
    """How much of a device may be used at once; a number that the user gives is not questioned."""
    if device.type == "cpu":
        return DeviceLoad(None, runs_per_device or _cpu_cores())
    if runs_per_device is not None:
        return DeviceLoad(None, runs_per_device, together=runs_per_device)
    memory = torch.cuda.get_device_properties(device).total_memory
    return DeviceLoad(memory, RUNS_PER_GPU, together=RUNS_PER_GPU)


def _cpu_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
