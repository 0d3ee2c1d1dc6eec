"""`run_benchmark.py speed`: how fast training is on a device, and next to what."""

import argparse
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from rich.console import Console
from rich.progress import MofNCompleteColumn

from benchmark.running.progress import progress_bar
from benchmark.running.provenance import describe_environment
from benchmark.speed.measurement import FOLDER, Measurement, Setup, Timing
from benchmark.speed.report import print_report, write_report
from benchmark.speed.rounds import time_in_turns
from benchmark.speed.selection import select_trainings
from benchmark.speed.shapes import SHAPES
from benchmark.speed.timed_training import Bench, TimedTraining, set_up
from benchmark.training.graph import WARM_UP
from benchmark.training.precision import DTYPES, resolve_devices, resolve_precision
from core.errors import UserError

# Samples that a round evaluates, in training batches: with 128 samples each, a block of `predict`.
EVALUATED_BATCHES = 4


def measure_speed(options: argparse.Namespace) -> int:
    """Measure, print and write; returns the exit code.

    Raises:
        UserError: wrong input, before anything is measured.
    """
    _check(options)
    console = Console(highlight=False, markup=False, emoji=False)
    (device, *others) = resolve_devices(options.device)
    if others:
        console.print(f"{len(others) + 1} devices found, {device} is measured", soft_wrap=True)
    torch.set_num_threads(options.threads)
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cudnn.benchmark = True
    precision = resolve_precision(options.precision, device)
    shape = SHAPES[options.shape]
    evaluated = min(EVALUATED_BATCHES * options.batch_size, shape.split_sizes[1])
    with _own_stream(device):
        bench = set_up(
            shape, device, DTYPES[precision], options.batch_size, options.steps, evaluated
        )
        trainings, teacher_table = select_trainings(bench, options.methods, options.loader_workers)
        timings = _time(console, trainings, options, bench)
    measurement = Measurement(
        setup=_setup(options, bench),
        environment=describe_environment(device, precision),
        timings=timings,
        teacher_table=teacher_table,
    )
    print_report(console, measurement)
    path = options.output or options.results / FOLDER / f"{measurement.name}.json"
    write_report(path, measurement)
    console.print(f"written to {path}", soft_wrap=True)
    return 0


def _check(options: argparse.Namespace) -> None:
    smallest = {"batch_size": 2, "steps": 1, "rounds": 1, "threads": 1, "loader_workers": 0}
    for name, least in smallest.items():
        if (value := getattr(options, name)) < least:
            raise UserError(f"--{name.replace('_', '-')} {value}: expected {least} or more")


def _time(
    console: Console, trainings: Sequence[TimedTraining], options: argparse.Namespace, bench: Bench
) -> list[Timing]:
    device, uncounted = bench.device, 1
    if device.type == "cuda":  # enough for the steps before a capture, and for the capture
        uncounted += WARM_UP // options.steps
    turns, done = len(trainings) * (uncounted + options.rounds), 0
    with progress_bar(console, "turns", MofNCompleteColumn()) as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done, turns)

        return time_in_turns(trainings, options.rounds, uncounted, device, advance)


def _own_stream(device: torch.device) -> AbstractContextManager[object]:
    """Launch on a stream that is not the default one, which graphs cannot be captured on."""
    if device.type != "cuda":
        return nullcontext()
    return torch.cuda.stream(torch.cuda.Stream(device))  # type: ignore[no-untyped-call]


def _setup(options: argparse.Namespace, bench: Bench) -> Setup:
    shape = bench.shape
    return Setup(
        shape=options.shape,
        dataset=shape.dataset,
        image_size=shape.card.image_size,
        channels=bench.dataset.channels,
        split_sizes=shape.split_sizes,
        batch_size=bench.batch_size,
        steps=bench.steps,
        evaluated=bench.evaluated,
        loader_workers=options.loader_workers,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )
