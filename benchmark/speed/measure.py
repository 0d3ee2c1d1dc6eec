"""Measures how fast training is on a device, and next to what."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from rich.console import Console
from rich.progress import MofNCompleteColumn

from benchmark.running.progress import progress_bar
from benchmark.running.provenance import describe_environment
from benchmark.speed.measurement import Measurement, Setup, Timing
from benchmark.speed.rounds import time_in_turns
from benchmark.speed.selection import select_trainings
from benchmark.speed.settings import SpeedSettings
from benchmark.speed.shapes import SHAPES
from benchmark.speed.timed_training import Bench, TimedTraining, set_up
from benchmark.training.graph import WARM_UP
from benchmark.training.precision import DTYPES, resolve_devices, resolve_precision

# Samples that a round evaluates, in training batches: with 128 samples each, a block of `predict`.
EVALUATED_BATCHES = 4

NAMES = {dtype: name for name, dtype in DTYPES.items()}


def measure(console: Console, settings: SpeedSettings) -> Measurement:
    """Time all trainings of some methods, one round of each after the other.

    Args:
        console: shows how far it is.
        settings: what to measure.

    Raises:
        UserError: no such device or method, before anything is measured.
    """
    with open_bench(console, settings) as bench:
        trainings, seconds = select_trainings(bench, settings.methods, settings.loader_workers)
        return measure_trainings(console, settings, bench, trainings, seconds)


@contextmanager
def open_bench(console: Console, settings: SpeedSettings) -> Iterator[Bench]:
    """Set the device up, and the noise on it; all that is timed is made and run in this block.

    Raises:
        UserError: no such device.
    """
    (device, *others) = resolve_devices(settings.device)
    if others:
        console.print(f"{len(others) + 1} devices found, {device} is measured", soft_wrap=True)
    torch.set_num_threads(settings.threads)
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cudnn.benchmark = True
    precision = resolve_precision(settings.precision, device)
    shape = SHAPES[settings.shape]
    evaluated = min(EVALUATED_BATCHES * settings.batch_size, shape.split_sizes[1])
    with own_stream(device):
        yield set_up(
            shape,
            device,
            DTYPES[precision],
            settings.batch_size,
            settings.steps,
            evaluated,
            _uncounted(device, settings.steps) + settings.rounds,
        )


def measure_trainings(
    console: Console,
    settings: SpeedSettings,
    bench: Bench,
    trainings: Sequence[TimedTraining],
    teacher_table: float,
) -> Measurement:
    """Time trainings, one round of each after the other; `teacher_table` as in `Measurement`."""
    timings = _time(console, trainings, settings, bench)
    return Measurement(
        setup=_setup(settings, bench),
        environment=describe_environment(bench.device, NAMES[bench.dtype]),
        timings=timings,
        teacher_table=teacher_table,
    )


def _time(
    console: Console, trainings: Sequence[TimedTraining], settings: SpeedSettings, bench: Bench
) -> list[Timing]:
    device, uncounted = bench.device, _uncounted(bench.device, settings.steps)
    turns, done = len(trainings) * (uncounted + settings.rounds), 0
    with progress_bar(console, "turns", MofNCompleteColumn()) as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done, turns)

        return time_in_turns(trainings, settings.rounds, uncounted, device, advance)


def _uncounted(device: torch.device, steps: int) -> int:
    """Rounds of so many steps before those that count."""
    # Enough for the steps before a capture, and for the capture.
    return 1 + (WARM_UP // steps if device.type == "cuda" else 0)


def own_stream(device: torch.device) -> AbstractContextManager[object]:
    """Launch on a stream that is not the default one, which graphs cannot be captured on."""
    if device.type != "cuda":
        return nullcontext()
    return torch.cuda.stream(torch.cuda.Stream(device))  # type: ignore[no-untyped-call]


def _setup(settings: SpeedSettings, bench: Bench) -> Setup:
    shape = bench.shape
    height, width = shape.size
    return Setup(
        shape=settings.shape,
        dataset=shape.dataset,
        image_size=height,
        width=None if width == height else width,
        channels=bench.dataset.channels,
        split_sizes=shape.split_sizes,
        batch_size=bench.batch_size,
        steps=bench.steps,
        evaluated=bench.evaluated,
        loader_workers=settings.loader_workers,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        network=bench.spec.network,
    )
