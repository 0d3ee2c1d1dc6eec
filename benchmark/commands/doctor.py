"""`run_benchmark.py doctor`: whether this machine and these folders are fit for work."""

import argparse
import os
import platform
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rich.console import Console

from benchmark.records.checkup import check_results, move_aside
from benchmark.records.store import ResultStore
from core.errors import DatasetNotFoundError, UserError
from core.host import usable_cores

PACKAGES = (
    "torch", "torchvision", "numpy", "pandas", "scikit-learn", "scipy", "scikit-posthocs",
    "pydantic", "rich", "pyyaml", "matplotlib", "tifffile", "pillow",
)  # fmt: skip
SCARCE = 5 * 2**30  # bytes; the weights of tables 1 and 2's teachers take about 3 GB
SKEW = 60.0  # seconds


@dataclass(frozen=True)
class Note:
    """One thing that was looked at: what was found, and whether it is a problem."""

    text: str
    problem: bool = False


def run_doctor(options: argparse.Namespace) -> int:
    """Print what was found; with `--repair`, move bad files of the results folder aside.

    Returns:
        0 where nothing is wrong or everything wrong was repaired, else 1.

    Raises:
        UserError: the results folder is not a folder, or cannot be written to for the repair.
    """
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if options.results.exists() and not options.results.is_dir():
        raise UserError(f"{options.results} is a file, expected a results folder")
    problems = 0
    parts = {
        "Environment": _environment(),
        "Devices": _devices(),
        "Folders": _folders(options),
        "Data sets": _data_sets(options.data),
    }
    for title, notes in parts.items():
        console.print(title)
        for note in notes:
            problems += note.problem
            console.print(f"  {'!' if note.problem else ' '} {note.text}")
    console.print("Results")
    return 1 if _results(console, options) + problems else 0


def _environment() -> Iterator[Note]:
    yield Note(f"Python {platform.python_version()} on {platform.platform()}")
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Note(f"{name} is not installed; install the benchmark with its packages", True)
    try:
        found.append(f"ray {metadata.version('ray')}")
    except metadata.PackageNotFoundError:
        yield Note("ray is not installed; only --executor ray needs it")
    yield Note(", ".join(found))


def _devices() -> Iterator[Note]:
    import torch

    yield Note(f"CPU, {usable_cores()} cores")
    if not torch.cuda.is_available():
        yield Note("no GPU that PyTorch can use")
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        free, total = torch.cuda.mem_get_info(index)
        yield Note(
            f"cuda:{index}: {device.name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
        )


def _folders(options: argparse.Namespace) -> Iterator[Note]:
    for name in ("results", "reports", "data"):
        folder: Path = getattr(options, name)
        place = folder.absolute()
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free
        scarce = "" if free >= SCARCE else f", less than {SCARCE / 2**30:.0f} GiB"
        there = "" if folder.exists() else "; it is made when it is needed"
        yield Note(f"{name} {folder}: {free / 2**30:.1f} GiB free{scarce}{there}", bool(scarce))
        if name != "data":
            yield from _write_access(place, name)


def _write_access(folder: Path, name: str) -> Iterator[Note]:
    """Try what results and claims rely on: create, link, rename, remove, and the clock."""
    first, second = (folder / f".doctor.{uuid.uuid4().hex}" for _ in range(2))
    try:
        try:
            first.write_bytes(b"probe")
            ahead = first.stat().st_mtime - time.time()
            try:
                os.link(first, second)
                second.unlink()
            except OSError:
                yield Note(f"{folder} has no hard links: claims rest on exclusive creation")
            first.rename(second)
        finally:
            first.unlink(missing_ok=True)
            second.unlink(missing_ok=True)
    except OSError as error:
        yield Note(f"{folder} cannot be written to: {error.strerror}", True)
        return
    if abs(ahead) > SKEW:
        yield Note(
            f"the clock of {folder} is {ahead:+.0f} seconds from this machine's: times that "
            "status shows are off by that, claims are not concerned",
            True,
        )
    elif name == "results":
        yield Note("clock and file system agree to a minute")


def _data_sets(data: Path) -> Iterator[Note]:
    from datasets import CARDS
    from datasets.preparing.preparation import find_prepared
    from datasets.preparing.readers import READERS, locate

    for name in CARDS:
        card = CARDS.get(name)
        if find_prepared(name, data) is not None:
            yield Note(f"{card.label}: prepared")
            continue
        try:
            locate(card, READERS.get(name), data)
        except DatasetNotFoundError:
            fetched = ", fetched when it is used" if card.fetch_on_demand else ""
            yield Note(f"{card.label}: not here{fetched}")
        except UserError as error:
            yield Note(f"{card.label}: {error}", True)
        else:
            yield Note(f"{card.label}: archives here, prepared when they are used")


def _results(console: Console, options: argparse.Namespace) -> int:
    """Check the results folder and repair it if asked to; the number of problems that remain."""
    if not options.results.is_dir():
        console.print("    none yet")
        return 0
    from benchmark.training.snapshot import check_snapshots  # which loads them with PyTorch

    store = ResultStore(options.results)
    findings = [*check_results(store), *check_snapshots(store)]
    for finding in findings:
        console.print(f"  ! {finding.problem}")
    claims = store.claims.overview()
    records = sum(1 for _ in store.results())
    console.print(
        f"    {records} records, {len(claims.held)} runs under way, {len(claims.expired)} to take "
        f"over from dead processes, {len(store.failure_notes())} notes of failures"
    )
    repairable = [finding for finding in findings if finding.files]
    if not options.repair:
        if repairable:
            console.print(f"    --repair moves the files of {len(repairable)} findings aside")
        return len(findings)
    for old, new in move_aside(store, repairable):
        console.print(f"    moved {old} to {new}")
    return len(findings) - len(repairable)
