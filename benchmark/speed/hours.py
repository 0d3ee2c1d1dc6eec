"""The hours that `--dry-run` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmark.planning.plan import PlannedRun
from benchmark.running.machine import gpu_names, processor_name
from benchmark.speed.estimate import by_device, can_estimate, estimate
from benchmark.speed.measurement import FOLDER, read_measurements

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
        sentence = (
            f"{others} runs are on own or miniature data, or of networks that were not measured: "
            "their hours are not estimated"
        )
        console.print(sentence, soft_wrap=True)
    if not any(known.values()):
        return
    measured = by_device(read_measurements((SHIPPED, results / FOLDER)))
    table = Table("device", "measured with", "image size", *known, title="Hours, one run at a time")
    scaled = 0
    for (device, setup), measurements in measured.items():
        found = [estimate(runs, measurements) for runs in known.values()]
        scaled += sum(entry.scaled for entry in found)
        sizes = ", ".join(str(size) for size in sorted({m.setup.image_size for m in measurements}))
        table.add_row(device, setup, sizes, *(f"{entry.hours:,.1f}" for entry in found))
    if measured:
        console.print(table)
    if scaled:
        console.print("hours at other sizes are scaled by the number of pixels", soft_wrap=True)
    for name in _asked_for(devices):
        if name not in {device for device, _ in measured}:
            console.print(
                f"no speed was measured on {name}: `python run_benchmark.py speed` measures it",
                soft_wrap=True,
            )


def _asked_for(devices: str) -> tuple[str, ...]:
    """Names of the devices that the command line means, as records have them."""
    gpus = gpu_names()
    if devices == "cpu" or (devices == "auto" and not gpus):
        return (f"CPU {processor_name()}",)
    return gpus or (f"the device {devices}",)
