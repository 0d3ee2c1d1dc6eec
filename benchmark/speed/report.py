"""A measurement as a table, as sentences and as a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmark.speed.measurement import REFERENCE_LOOP, Measurement
from benchmark.speed.ratios import Figures, Spread, against_reference, figures
from core.errors import UserError
from core.files import write_atomically
from methods import METHODS, Kind


def print_report(console: Console, measurement: Measurement) -> None:
    """Print what was measured; each figure is a median, with its quartiles in parentheses."""
    environment, setup = measurement.environment, measurement.setup
    height, width = setup.size
    channels = ", ".join(f"{name} {count}" for name, count in setup.channels.items())
    load = "" if setup.load is None else f", load average {setup.load:.1f}"
    rounds = len(measurement.timings[0].training)
    for line in (
        f"{environment.device}, {environment.precision}, CPU threads: {environment.threads}{load}",
        f"shape of {setup.dataset}: {channels} channels, {height} x {width}, "
        f"batch {setup.batch_size}; {rounds} rounds of {setup.steps} steps and {setup.evaluated} "
        f"evaluated samples; epochs of {setup.split_sizes[0]} samples",
    ):
        console.print(line, soft_wrap=True)
    found = figures(measurement)
    _print_table(console, measurement, found)
    for line in _sentences(measurement, found):
        console.print(line, soft_wrap=True)


def write_report(path: Path, measurement: Measurement) -> None:
    """Write a measurement and its figures as JSON.

    Raises:
        UserError: the file cannot be written.
    """
    content = as_content(measurement)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}; choose another place with --output"
        ) from None


def as_content(measurement: Measurement) -> dict[str, Any]:
    """A measurement and its figures, as they are written."""
    against = against_reference(measurement)
    return {
        "measurement": measurement.model_dump(mode="json"),
        "figures": [asdict(entry) for entry in figures(measurement)],
        "against_reference": asdict(against) if against else None,
    }


def _print_table(console: Console, measurement: Measurement, found: Sequence[Figures]) -> None:
    columns = ["", "ms a step", "images/s", "% of floor", "epoch, s", "x STUDENT"]
    memory = [timing.working_memory for timing in measurement.timings]
    if None not in memory:
        columns.append("working MiB")
    table = Table(*columns, box=SIMPLE)
    for column in table.columns[1:]:
        column.justify, column.overflow = "right", "fold"
    for entry, taken in zip(found, memory, strict=True):
        cells = [
            _cell(entry.step, 1000, 0 if entry.step.median >= 0.1 else 2),
            _cell(entry.images_per_second, 1, 0 if entry.images_per_second.median >= 10 else 2),
            _cell(entry.share_of_floor, 100, 1),
            _cell(entry.epoch, 1, 1),
            _cell(entry.to_student, 1, 3),
        ]
        table.add_row(entry.name, *cells, *([] if taken is None else [f"{taken / 2**20:,.0f}"]))
    console.print(table)


def _sentences(measurement: Measurement, found: Sequence[Figures]) -> list[str]:
    sentences = []
    if against := against_reference(measurement):
        sentences.append(
            f"DKD trains {_text(against.epoch, 1, 2)} times as many images per second as the "
            f"{REFERENCE_LOOP}, counted over epochs; {_text(against.step, 1, 2)} times over steps "
            "alone"
        )
    distilled = {
        entry.name: entry.to_student
        for entry in found
        if entry.to_student and _kind(entry.name) is Kind.DISTILLATION
    }
    if distilled:
        name, slowest = max(distilled.items(), key=lambda pair: pair[1].median)
        sentences.append(
            f"slowest distillation method: {name}, {_text(slowest, 1, 3)} times STUDENT's time per "
            "epoch"
        )
    shares = {entry.name: entry.share_of_floor for entry in found if entry.share_of_floor}
    name, lowest = min(shares.items(), key=lambda pair: pair[1].median)
    sentences.append(f"lowest share of the floor: {name}, {_text(lowest, 100, 1)} %")
    if measurement.teacher_table:
        setup = measurement.setup
        table = measurement.teacher_table * setup.split_sizes[0] / (setup.steps * setup.batch_size)
        sentences.append(
            f"a teacher's logits, computed once for all its students: {table:,.1f} s, which is in "
            "no figure above"
        )
    return sentences


def _kind(name: str) -> Kind | None:
    method = name.partition("+")[0]
    return METHODS.get(method).kind if method in METHODS else None


def _text(spread: Spread, factor: float, digits: int) -> str:
    middle, quartiles = _numbers(spread, factor, digits)
    return f"{middle} ({quartiles})"


def _cell(spread: Spread | None, factor: float, digits: int) -> str:
    """The median above the quartiles, so that the table is no wider than a terminal."""
    return "\n".join(_numbers(spread, factor, digits)) if spread else ""


def _numbers(spread: Spread, factor: float, digits: int) -> tuple[str, str]:
    low, middle, high = (
        f"{factor * value:,.{digits}f}" for value in (spread.low, spread.median, spread.high)
    )
    return middle, f"{low}-{high}"
