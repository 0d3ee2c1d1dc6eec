"""Worker processes on this machine: one or more per GPU, or one per core."""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import torch

from benchmark.running.executors.base import (
    Ending,
    Outcome,
    Task,
    WorkerSettings,
    begin,
    make_worker,
)
from benchmark.running.packing import DeviceLoad
from benchmark.training.interleaving import Interleaver
from datasets import DatasetSource
from methods.registry import load_user_file

_GRACE = 10.0  # seconds that a process has to leave what it does, a training step at most


class LocalExecutor:
    """Worker processes on the devices of this machine.

    Runs of the same data share a process where the device's load lets them, so that the data is
    there once. A process that dies, or whose device ran out of memory, is replaced.

    Args:
        loads: device -> how much of it may be used at once.
        settings: what the processes need to start.
        most: runs at once in all, at least 1.
    """

    def __init__(
        self, loads: Mapping[torch.device, DeviceLoad], settings: WorkerSettings, most: int
    ) -> None:
        self._loads = dict(loads)
        self._settings = settings
        self._most = most
        self._processes: list[_Process] = []
        self._lost: deque[Outcome] = deque()  # of runs whose process died with others

    def accepts(self, task: Task) -> bool:
        """Whether any device has room for the task."""
        running = sum(len(process.running) for process in self._processes)
        return running < self._most and self._device_for(task) is not None

    def submit(self, task: Task) -> None:
        """Send a task to a process on the least loaded device that admits it.

        A process that works, or has worked, on the same data is preferred; a new one is started
        last.
        """
        device = self._device_for(task)
        assert device is not None
        load = self._loads[device]
        process = self._process_for(task, device)
        if process is not None:
            try:
                process.start(task)
            except OSError:  # it ended while it was idle, or is about to be found dead
                if not process.running:
                    self._discard(process)
                process = None
        if process is None:
            process = _Process(device, self._settings)
            self._processes.append(process)
            process.start(task)
        load.running[task.run.key] = task.need

    def wait(self, seconds: float | None) -> Outcome | None:
        """Block until a run has ended, well or not, or so long at most."""
        if self._lost:
            return self._lost.popleft()
        by_connection = {each.connection: each for each in self._processes if each.running}
        found = wait(list(by_connection), seconds)
        if not found:
            return None
        ready = found[0]
        assert isinstance(ready, Connection)
        process = by_connection[ready]
        try:
            outcome: Outcome = ready.recv()
        except (EOFError, OSError):
            code = self._discard(process)
            cause = "; it may have run out of memory" if code == -signal.SIGKILL else ""
            reason = f"its worker process ended with code {code}{cause}"
            for key in process.running:
                del self._loads[process.device].running[key]
                self._lost.append(Outcome(key, Ending.LOST, reason))
            return self._lost.popleft()
        process.running.remove(outcome.key)
        del self._loads[process.device].running[outcome.key]
        if outcome.ending is Ending.OUT_OF_MEMORY:
            process.retiring = True  # it may hold on to memory that the next run needs
        if process.retiring and not process.running:
            self._discard(process)
        return outcome

    def close(self) -> None:
        """End all processes at once."""
        for process in list(self._processes):
            self._discard(process)

    def _device_for(self, task: Task) -> torch.device | None:
        """The device that admits the task and has the fewest runs; the first of equals."""
        admitting = [device for device, load in self._loads.items() if load.admits(task.need)]
        return min(admitting, key=lambda one: len(self._loads[one].running), default=None)

    def _process_for(self, task: Task, device: torch.device) -> "_Process | None":
        """One that works on the same data and has room, else an idle one, the same data first."""
        there = [one for one in self._processes if one.device == device and not one.retiring]
        data, together = task.run.source, self._loads[device].together
        fitting = [one for one in there if 0 < len(one.running) < together and one.data == data]
        idle = sorted((one for one in there if not one.running), key=lambda one: one.data != data)
        return next(iter([*fitting, *idle]), None)

    def _discard(self, process: "_Process") -> int | None:
        self._processes.remove(process)
        return process.stop()


class _Process:
    """A worker process, the pipe to it, and the runs that it works on."""

    def __init__(self, device: torch.device, settings: WorkerSettings) -> None:
        context = multiprocessing.get_context("spawn")
        self.device = device
        self.data: DatasetSource | None = None
        self.running: set[str] = set()
        self.retiring = False
        self.connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs, device, settings), daemon=True
        )
        self._process.start()
        theirs.close()  # so that the pipe breaks when the process ends

    def start(self, task: Task) -> None:
        self.connection.send(task)
        self.data = task.run.source
        self.running.add(task.run.key)

    def stop(self) -> int | None:
        """End the process; its exit code."""
        self.connection.close()
        self._process.join(0.2)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        return self._process.exitcode


def _serve(connection: Connection, device: torch.device, settings: WorkerSettings) -> None:
    """Execute runs interleaved until the pipe closes, and then those that are under way."""
    # Ctrl-C reaches all processes of the terminal; the scheduler decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As an exception, so that a file that is being written is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for path in settings.user_files:
        load_user_file(path)
    worker = make_worker(settings, device)
    interleaver: Interleaver[str, Outcome] = Interleaver(device)
    listening = True
    while listening or interleaver:
        try:
            while listening and (not interleaver or connection.poll()):
                begin(interleaver, worker, connection.recv())
            for _, outcome in interleaver.advance():
                connection.send(outcome)
        except (EOFError, OSError):
            listening = False
