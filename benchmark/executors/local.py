"""Worker processes on this machine: one or more per GPU, or per share of the CPU."""

import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import torch

from benchmark.executors.base import Outcome, execute
from benchmark.plan import PlannedRun
from benchmark.store import ResultStore
from benchmark.training.snapshot import DEFAULT_MINUTES
from benchmark.worker import Worker
from methods.registry import load_user_file


@dataclass(frozen=True)
class WorkerSettings:
    """All that a worker process needs to start; picklable."""

    results: Path
    keep_all_weights: bool
    user_files: tuple[Path, ...]
    snapshot_minutes: float | None = DEFAULT_MINUTES


class LocalExecutor:
    """One process per entry of `devices`; a process that dies fails its run and is replaced."""

    def __init__(self, devices: Sequence[torch.device], settings: WorkerSettings) -> None:
        self.capacity = len(devices)
        self._settings = settings
        self._idle = [_Process(device, settings) for device in devices]
        self._busy: dict[str, _Process] = {}

    def submit(self, run: PlannedRun) -> None:
        """Send a run to an idle process, preferably one that has worked on the same data."""
        process = min(self._idle, key=lambda candidate: candidate.last_data != _data_of(run))
        self._idle.remove(process)
        try:
            process.start(run)
        except OSError:  # it ended while it was idle
            process.stop()
            process = _Process(process.device, self._settings)
            process.start(run)
        self._busy[run.key] = process

    def wait(self) -> Outcome:
        """Block until a process has ended its run, well or not."""
        by_connection = {process.connection: key for key, process in self._busy.items()}
        ready = wait(list(by_connection))[0]
        assert isinstance(ready, Connection)
        key = by_connection[ready]
        process = self._busy.pop(key)
        try:
            outcome: Outcome = ready.recv()
        except (EOFError, OSError):
            code = process.stop()
            process = _Process(process.device, self._settings)
            cause = "; it may have run out of memory" if code == -signal.SIGKILL else ""
            outcome = Outcome(key, f"its worker process ended with code {code}{cause}")
        self._idle.append(process)
        return outcome

    def close(self) -> None:
        """End all processes at once."""
        for process in [*self._idle, *self._busy.values()]:
            process.stop()


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

    def start(self, run: PlannedRun) -> None:
        self.last_data = _data_of(run)
        self.connection.send(run)

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
            run = connection.recv()
            connection.send(execute(worker, run))
        except (EOFError, BrokenPipeError):
            return
