"""The hours that `--dry-run` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmark.planning.plan import PlannedRun
from benchmark.running.machine import gpu_names, processor_name
from benchmark.speed.estimate import (
    Estimate,
    by_device,
    can_estimate,
    command_to_measure,
    estimate,
)
from benchmark.speed.measurement import FOLDER, Measurement, read_measurements

SHIPPED = Path(__file__).resolve().parents[2] / "results" / FOLDER


def print_hours(
    console: Console, missing: Mapping[str, Sequence[PlannedRun]], results: Path, devices: str
) -> None:
    """Print how long runs will take on each device whose speed was measured.

    Args:
        console: where to.
        missing: name -> the runs that are to be done.
        results: a results folder, whose measurements come before those that ship with the suite.
        devices: as on the command line; a sentence says where it names one that was not measured.
    """
    known = {name: list(filter(can_estimate, runs)) for name, runs in missing.items()}
    others = max((len(runs) - len(known[name]) for name, runs in missing.items()), default=0)
    if others:
        sentence = f"{others} runs are on own or miniature data: their hours are not estimated"
        console.print(sentence, soft_wrap=True)
    if not any(known.values()):
        return
    measured = by_device(read_measurements((SHIPPED, results / FOLDER)))
    # A row each: columns of many suites would not fit a console.
    table = Table("device", "measured with", "image size", "plan", title="Hours, one run at a time")
    table.add_column("hours", justify="right")
    scaled, shown = 0, set()
    for (device, setup), measurements in measured.items():
        found = [estimate(runs, measurements) for runs in known.values()]
        if not any(found):  # what was measured there are other networks
            continue
        shown.add(device)
        scaled += sum(entry.scaled for entry in found if entry)
        sizes = ", ".join(dict.fromkeys(_size(m) for m in sorted(measurements, key=_pixels)))
        places = [(device, setup, sizes), *[("", "", "")] * (len(found) - 1)]
        for place, name, entry in zip(places, known, found, strict=True):
            table.add_row(*place, name, _hours(entry))
        table.add_section()
    if shown:
        console.print(table)
    if scaled:
        console.print("hours at other sizes are scaled by the number of pixels", soft_wrap=True)
    commands = {name: [*map(command_to_measure, runs)] for name, runs in known.items()}
    if unmeasured := max(own.count(None) for own in commands.values()):
        console.print(
            f"{unmeasured} runs have other networks than those that `speed` measures: no hours are "
            "estimated of plans with them",
            soft_wrap=True,
        )
    helpful = dict.fromkeys(
        command for own in commands.values() if None not in own for command in own
    )
    for name in _asked_for(devices):
        for command in helpful if name not in shown else ():
            console.print(
                f"no speed of these networks was measured on {name}: `python run_benchmark.py "
                f"{command}` measures it",
                soft_wrap=True,
            )


def _hours(entry: Estimate | None) -> str:
    return "not measured" if entry is None else f"{entry.hours:,.1f}"


def _size(measurement: Measurement) -> str:
    height, width = measurement.setup.size
    return str(height) if height == width else f"{height} x {width}"


def _pixels(measurement: Measurement) -> int:
    return measurement.setup.pixels


def _asked_for(devices: str) -> tuple[str, ...]:
    """Names of the devices that the command line means, as records have them."""
    gpus = gpu_names()
    if devices == "cpu" or (devices == "auto" and not gpus):
        return (f"CPU {processor_name()}",)
    return gpus or (f"the device {devices}",)
