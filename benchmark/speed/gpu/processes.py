"""Several runs at the same time, each in a process of its own."""

import multiprocessing
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import torch
from rich.console import Console

from benchmark.speed.gpu.side_by_side import throughput
from benchmark.speed.gpu.speeds import distilled
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measure import measure_trainings, open_bench
from benchmark.speed.report import as_content
from benchmark.speed.selection import teacher_table
from benchmark.speed.settings import SpeedSettings
from benchmark.speed.timed_training import Bench, TimedTraining
from methods.dkd import DKD


class InProcesses(TimedTraining):
    """DKD in several processes, which train a round when they are told to; to be closed.

    Args:
        bench: what they train on, each on its own copy.
        settings: the same, for them.
        runs: how many.
    """

    kind = "engine"

    def __init__(self, bench: Bench, settings: SpeedSettings, runs: int) -> None:
        self.name = f"{runs} x {DKD.name}, processes"
        self.modalities = (bench.shape.student,)
        self._processes: list[tuple[SpawnProcess, Connection]] = []
        context = multiprocessing.get_context("spawn")
        for _ in range(runs):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, settings), daemon=True)
            process.start()
            theirs.close()  # so that the pipe breaks when the process ends
            self._processes.append((process, ours))
        self._await()

    def train(self, round_number: int) -> None:
        for _, connection in self._processes:
            connection.send(round_number)
        self._await()

    def evaluate(self) -> None:
        raise NotImplementedError("runs side by side are timed over training steps alone")

    def close(self) -> None:
        """End the processes, which have nothing to keep."""
        for process, connection in self._processes:
            connection.close()
            process.kill()
        for process, _ in self._processes:
            process.join()

    def _await(self) -> None:
        """Wait for the word of all.

        Raises:
            RuntimeError: one has died.
        """
        for _, connection in self._processes:
            try:
                connection.recv()
            except EOFError:
                raise RuntimeError(f"{self.name}: a process died; its output says why") from None


def in_processes(context: Context, shape: str, runs: int) -> Result:
    """DKD so many times, in as many processes."""
    settings = context.settings(shape, rounds=min(3, context.sizes.rounds))
    memory: Sequence[int] = ()
    with open_bench(context.console, settings) as bench, ExitStack() as stack:
        together = InProcesses(bench, settings, runs)
        stack.callback(together.close)
        measurement = measure_trainings(context.console, settings, bench, [together], 0.0)
        if bench.device.type == "cuda":
            memory = torch.cuda.mem_get_info(bench.device)
    found: Result = {**throughput(measurement, runs), **as_content(measurement)}
    if memory:
        free, total = memory
        found |= {"device_used": total - free, "device_total": total}
    return found


def _serve(connection: Connection, settings: SpeedSettings) -> None:
    """Train rounds until the pipe closes."""
    with open_bench(Console(quiet=True), settings) as bench:
        teacher, _ = teacher_table(bench)
        run = distilled(bench, teacher)
        connection.send(None)
        while True:
            try:
                number = connection.recv()
            except EOFError:
                return
            run.train(number)
            if bench.device.type == "cuda":
                torch.cuda.synchronize(bench.device)
            connection.send(None)
