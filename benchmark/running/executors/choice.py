"""Which executor the command line asks for."""

import os
from collections.abc import Sequence

import torch

from benchmark.running.executors.base import Executor, WorkerSettings, make_worker
from benchmark.running.executors.inline import InlineExecutor
from benchmark.running.executors.local import LocalExecutor
from benchmark.running.executors.placement import Placement
from benchmark.running.packing import MOST_RUNS_PER_GPU, DeviceLoad
from benchmark.training.precision import resolve_devices
from core.host import usable_cores

HEAD_PATIENCE = "RAY_gcs_rpc_server_reconnect_timeout_s"  # Ray's own setting
HEAD_PATIENCE_DEFAULT = 60.0  # and what it is where nobody sets it


def choose_executor(placement: Placement, runs: int) -> tuple[Executor, bool]:
    """The executor for so many runs, and whether it trains on GPUs.

    Raises:
        UserError: there is no such device, or no such cluster.
    """
    settings = WorkerSettings(
        placement.results,
        placement.keep_weights,
        placement.load,
        placement.snapshot_minutes,
        placement.graphs,
    )
    if placement.executor == "ray" and runs > 0:
        return _on_a_cluster(placement, settings)
    devices = [torch.device("cpu")] if runs == 0 else resolve_devices(placement.devices)
    return _on_this_machine(placement, devices, runs, settings), devices[0].type != "cpu"


def _on_a_cluster(placement: Placement, settings: WorkerSettings) -> tuple[Executor, bool]:
    # Ray ends a process that has not reached the head for so long, without a word of ours. It reads
    # this when it is imported; from then on it is for the executor to say that the head is gone.
    patience = float(os.environ.get(HEAD_PATIENCE, HEAD_PATIENCE_DEFAULT))
    os.environ[HEAD_PATIENCE] = str(10**6)
    # Imported here also because Ray is an extra.
    from benchmark.running.executors.ray_cluster import RayExecutor

    address, per_gpu = placement.ray_address or "auto", placement.runs_per_device
    executor = RayExecutor(address, placement.devices, per_gpu, settings, patience)
    return executor, executor.on_gpu


def _on_this_machine(
    placement: Placement,
    devices: Sequence[torch.device],
    runs: int,
    settings: WorkerSettings,
) -> Executor:
    """One process or several; never more than runs."""
    loads = {device: _load(device, placement.runs_per_device) for device in devices}
    slots = min(sum(load.limit for load in loads.values()), runs)
    wanted = placement.executor
    if wanted == "inline" or runs == 0 or (wanted == "auto" and slots == 1):
        return InlineExecutor(make_worker(settings, devices[0]))
    return LocalExecutor(loads, settings, most=slots)


def _load(device: torch.device, runs_per_device: int | None) -> DeviceLoad:
    """How much of a device may be used at once; a number that the user gives is not questioned."""
    if device.type == "cpu":
        return DeviceLoad(None, runs_per_device or usable_cores())
    if runs_per_device is not None:
        return DeviceLoad(None, runs_per_device, together=runs_per_device)
    memory = torch.cuda.get_device_properties(device).total_memory
    return DeviceLoad(memory, MOST_RUNS_PER_GPU, together=MOST_RUNS_PER_GPU)
