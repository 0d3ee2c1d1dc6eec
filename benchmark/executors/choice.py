"""Which executor the command line asks for."""

import argparse
import os
from collections.abc import Sequence

import torch

from benchmark.executors.base import Executor, WorkerSettings
from benchmark.executors.inline import InlineExecutor
from benchmark.executors.local import LocalExecutor
from benchmark.packing import MOST_RUNS_PER_GPU, DeviceLoad
from benchmark.store import ResultStore
from benchmark.training.precision import resolve_devices
from benchmark.worker import Worker
from core.errors import UserError


def check_placement(options: argparse.Namespace) -> None:
    """Check that the options that say where runs are trained go together.

    Raises:
        UserError: they do not.
    """
    if options.runs_per_device is not None and options.runs_per_device < 1:
        raise UserError(f"--runs-per-device {options.runs_per_device}: expected 1 or more")


def choose_executor(
    options: argparse.Namespace, store: ResultStore, runs: int, snapshot_minutes: float | None
) -> tuple[Executor, bool]:
    """The executor for so many runs, and whether it trains on GPUs.

    Raises:
        UserError: there is no such device.
    """
    settings = WorkerSettings(
        options.results, options.keep_weights, tuple(options.load), snapshot_minutes
    )
    devices = [torch.device("cpu")] if runs == 0 else resolve_devices(options.devices)
    return _on_this_machine(options, devices, store, runs, settings), devices[0].type != "cpu"


def _on_this_machine(
    options: argparse.Namespace,
    devices: Sequence[torch.device],
    store: ResultStore,
    runs: int,
    settings: WorkerSettings,
) -> Executor:
    """One process or several; never more than runs."""
    loads = {device: _load(device, options.runs_per_device) for device in devices}
    slots = min(sum(load.limit for load in loads.values()), runs)
    wanted = options.executor
    if wanted == "inline" or runs == 0 or (wanted == "auto" and slots == 1):
        minutes = settings.snapshot_minutes
        return InlineExecutor(Worker(store, devices[0], settings.keep_all_weights, minutes))
    return LocalExecutor(loads, settings, most=slots)


def _load(device: torch.device, runs_per_device: int | None) -> DeviceLoad:
    """How much of a device may be used at once; a number that the user gives is not questioned."""
    if device.type == "cpu":
        return DeviceLoad(None, runs_per_device or _cpu_cores())
    if runs_per_device is not None:
        return DeviceLoad(None, runs_per_device)
    return DeviceLoad(torch.cuda.get_device_properties(device).total_memory, MOST_RUNS_PER_GPU)


def _cpu_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
