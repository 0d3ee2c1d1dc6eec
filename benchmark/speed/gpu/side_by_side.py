"""Several runs at the same time: on streams of one process, and what memory they take."""

from collections.abc import Sequence
from itertools import count

import torch

from benchmark.running.packing import CONTEXT_BYTES, MOST_RUNS_PER_GPU, runs_that_fit
from benchmark.speed.engine import EngineRun
from benchmark.speed.gpu.speeds import distilled
from benchmark.speed.gpu.step import Context, Result
from benchmark.speed.measure import measure_trainings, open_bench
from benchmark.speed.measurement import Measurement
from benchmark.speed.ratios import figures
from benchmark.speed.report import as_content
from benchmark.speed.selection import teacher_table
from benchmark.speed.timed_training import TimedTraining
from benchmark.training.interleaving import Interleaver, TrainingSteps


def streams_name(shape: str, runs: int) -> str:
    """The step that trains so many runs of a shape on streams."""
    return f"side by side, {shape}, {runs} on streams"


class Interleaved(TimedTraining):
    """Runs of one kind on streams of their own, as a worker trains them.

    Args:
        runs: at least one.
        device: where they are.
    """

    kind = "engine"

    def __init__(self, runs: Sequence[EngineRun], device: torch.device) -> None:
        self.name = f"{len(runs)} x {runs[0].name}"
        self.modalities = runs[0].modalities
        self.encoders = runs[0].encoders
        self._waiting = len(runs)
        self._runs = len(runs)
        self._round = -1
        self._interleaver: Interleaver[int, None] = Interleaver(device)
        for index, run in enumerate(runs):
            # One course of steps over all rounds, so that each run keeps its stream.
            self._interleaver.add(index, self._rounds_of(run), seed=index)

    def _rounds_of(self, run: EngineRun) -> TrainingSteps[None]:
        for number in count():
            while number > self._round:
                yield
            yield from run.train_in_steps(number)
            self._waiting += 1

    def train(self, round_number: int) -> None:
        self._round += 1
        self._waiting = 0
        while self._waiting < self._runs:
            self._interleaver.advance()

    def evaluate(self) -> None:
        raise NotImplementedError("runs side by side are timed over training steps alone")


def on_streams(context: Context, shape: str, runs: int) -> Result:
    """DKD so many times in one process."""
    device, rounds = context.device, min(3, context.sizes.rounds)
    settings = context.settings(shape, rounds=rounds)
    with open_bench(context.console, settings) as bench:
        teacher, seconds = teacher_table(bench)
        together = Interleaved([distilled(bench, teacher) for _ in range(runs)], device)
        memory = _memory(context, shape, together, runs) if device.type == "cuda" else {}
        measurement = measure_trainings(context.console, settings, bench, [together], seconds)
    return {**throughput(measurement, runs), **memory, **as_content(measurement)}


def throughput(measurement: Measurement, runs: int) -> Result:
    """Images per second of all runs of the only training together: median and quartiles."""
    (found,) = figures(measurement)
    each = found.images_per_second
    return {
        "runs": runs,
        "images_per_second": {
            "median": runs * each.median,
            "low": runs * each.low,
            "high": runs * each.high,
        },
    }


def _memory(context: Context, shape: str, together: Interleaved, runs: int) -> Result:
    """What runs take, and what packing would have reckoned with, from the peak of one alone.

    The first steps, and recording them as graphs, need the most.
    """
    device = context.device
    torch.cuda.reset_peak_memory_stats(device)
    together.train(0)
    torch.cuda.synchronize(device)
    free, total = torch.cuda.mem_get_info(device)
    peak = torch.cuda.max_memory_allocated(device)
    alone = context.report.result(streams_name(shape, 1))
    need = (peak if runs == 1 else alone["peak_allocated"] if alone else None) or None
    found: Result = {
        "peak_allocated": peak,
        "peak_reserved": torch.cuda.max_memory_reserved(device),
        "device_used": total - free,
        "device_total": total,
    }
    if need is not None:
        need += CONTEXT_BYTES
        found |= {
            "packing_predicts": runs * need,
            "packing_fits": runs_that_fit(need, total),
            "packing_fits_at_most": MOST_RUNS_PER_GPU,
        }
    return found
