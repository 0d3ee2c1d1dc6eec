"""`run_benchmark.py speed`: how fast training is on a device, and next to what."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import add_reading, frozen, require_range
from benchmark.speed.settings import BATCH_SIZES, SpeedSettings

BOUNDS = {
    "batch_size": (2, 1_000_000),
    "steps": (1, 10_000),
    "rounds": (1, 10_000),
    "threads": (1, 1024),
    "loader_workers": (0, 1024),
}


@dataclass(frozen=True)
class SpeedOptions:
    """What to measure, and where that is written: by default into the results folder."""

    settings: SpeedSettings
    results: Path
    output: Path | None


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--shape",
        choices=tuple(BATCH_SIZES),
        default="eurosat",
        help="of the data; nyu, potsdam and midair have one class per pixel",
    )
    add(
        "--batch-size",
        type=int,
        metavar="N",
        help="default: 128, and 8 with one class per pixel, as in the papers",
    )
    add("--device", default="auto", metavar="auto|cpu|cuda:0", help="one device")
    add("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    add(
        "--methods",
        nargs="+",
        metavar="NAME",
        help="only these, as dkd or dkd+lskd (default: all that the shape is for, and dkd+lskd)",
    )
    add("--rounds", type=int, default=7, metavar="N", help="turns of each (default: 7)")
    add("--steps", type=int, default=2, metavar="N", help="training steps a turn (default: 2)")
    add(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="CPU threads of each (default: 1, as a worker on the CPU has)",
    )
    add(
        "--loader-workers",
        type=int,
        default=0,
        metavar="N",
        help="processes that prepare the batches of the loop like the released scripts "
        "(default: 0, its own)",
    )
    add("--output", type=Path, metavar="FILE.json", help="default: in DIR/speed/ of --results")
    add_reading(parser)


def read(given: argparse.Namespace) -> SpeedOptions:
    if given.batch_size is None:
        given.batch_size = BATCH_SIZES[given.shape]
    for name, (least, most) in BOUNDS.items():
        require_range(f"--{name.replace('_', '-')}", getattr(given, name), least, most)
    settings = SpeedSettings(
        shape=given.shape,
        batch_size=given.batch_size,
        device=given.device,
        precision=given.precision,
        methods=frozen(given.methods),
        rounds=given.rounds,
        steps=given.steps,
        threads=given.threads,
        loader_workers=given.loader_workers,
    )
    return SpeedOptions(settings, given.results, given.output)


def run(options: SpeedOptions) -> int:
    """Measure, print and write; returns the exit code.

    Raises:
        UserError: wrong input, before anything is measured.
    """
    from rich.console import Console

    from benchmark.speed.measure import measure
    from benchmark.speed.measurement import FOLDER
    from benchmark.speed.report import print_report, write_report

    console = Console(highlight=False, markup=False, emoji=False)
    measurement = measure(console, options.settings)
    print_report(console, measurement)
    path = options.output or options.results / FOLDER / f"{measurement.name}.json"
    write_report(path, measurement)
    console.print(f"written to {path}", soft_wrap=True)
    return 0
