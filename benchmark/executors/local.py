"""Worker processes on this machine: one or more per GPU, or per share of the CPU."""

import multiprocessing
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import torch

from benchmark.executors.base import Ending, Outcome, Task, WorkerSettings, execute
from benchmark.packing import DeviceLoad
from benchmark.plan import PlannedRun
from benchmark.store import ResultStore
from benchmark.worker import Worker
from methods.registry import load_user_file


class LocalExecutor:
    """Worker processes on the devices of this machine.

    A process that dies, or whose device ran out of memory, is replaced.

    Args:
        loads: device -> how much of it may be used at once.
        settings: what the processes need to start.
        most: processes in all, at least 1.
    """

    def __init__(
        self, loads: Mapping[torch.device, DeviceLoad], settings: WorkerSettings, most: int
    ) -> None:
        self._loads = dict(loads)
        self._settings = settings
        self._most = most
        self._idle: list[_Process] = []
        self._busy: dict[str, _Process] = {}

    def accepts(self, task: Task) -> bool:
        """Whether any device has room for the task."""
        return len(self._busy) < self._most and self._device_for(task) is not None

    def submit(self, task: Task) -> None:
        """Send a task to a process on the least loaded device that admits it.

        An idle process that has worked on the same data is preferred, a new one is started last.
        """
        device = self._device_for(task)
        assert device is not None
        data = _data_of(task.run)
        candidates = [process for process in self._idle if process.device == device]
        process = min(candidates, key=lambda one: one.last_data != data, default=None)
        if process is not None:
            self._idle.remove(process)
            try:
                process.start(task)
            except OSError:  # it ended while it was idle
                process.stop()
                process = None
        if process is None:
            process = _Process(device, self._settings)
            process.start(task)
        self._busy[task.run.key] = process
        self._loads[device].running[task.run.key] = task.need

    def wait(self, seconds: float | None) -> Outcome | None:
        """Block until a process has ended its run, well or not, or so long at most."""
        by_connection = {process.connection: key for key, process in self._busy.items()}
        found = wait(list(by_connection), seconds)
        if not found:
            return None
        ready = found[0]
        assert isinstance(ready, Connection)
        key = by_connection[ready]
        process = self._busy.pop(key)
        del self._loads[process.device].running[key]
        try:
            outcome: Outcome = ready.recv()
        except (EOFError, OSError):
            code = process.stop()
            cause = "; it may have run out of memory" if code == -signal.SIGKILL else ""
            reason = f"its worker process ended with code {code}{cause}"
            return Outcome(key, Ending.LOST, reason)
        if outcome.ending is Ending.OUT_OF_MEMORY:
            process.stop()  # it may hold on to memory that the next run needs
        else:
            self._idle.append(process)
        return outcome

    def close(self) -> None:
        """End all processes at once."""
        for process in [*self._idle, *self._busy.values()]:
            process.stop()

    def _device_for(self, task: Task) -> torch.device | None:
        """The device that admits the task and has the fewest runs; the first of equals."""
        admitting = [device for device, load in self._loads.items() if load.admits(task.need)]
        return min(admitting, key=lambda one: len(self._loads[one].running), default=None)


class _Process:
    """A worker process and the pipe to it."""

    def __init__(self, device: torch.device, settings: WorkerSettings) -> None:
        context = multiprocessing.get_context("spawn")
        self.device = device
        self.last_data: object = None
        self.connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs, device, settings), daemon=True
        )
        self._process.start()
        theirs.close()  # so that the pipe breaks when the process ends

    def start(self, task: Task) -> None:
        self.last_data = _data_of(task.run)
        self.connection.send(task)

    def stop(self) -> int | None:
        """End the process; its exit code."""
        self.connection.close()
        if self._process.is_alive():
            self._process.join(timeout=0.2)
            self._process.terminate()
        self._process.join()
        return self._process.exitcode


def _data_of(run: PlannedRun) -> object:
    return run.spec.data, run.spec.repetition


def _serve(connection: Connection, device: torch.device, settings: WorkerSettings) -> None:
    """Execute runs until the pipe closes."""
    # Ctrl-C reaches all processes of the terminal; the scheduler decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for path in settings.user_files:
        load_user_file(path)
    store = ResultStore(settings.results)
    worker = Worker(store, device, settings.keep_all_weights, settings.snapshot_minutes)
    while True:
        try:
            task = connection.recv()
            connection.send(execute(worker, task))
        except (EOFError, BrokenPipeError):
            return
