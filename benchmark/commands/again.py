"""The command line that asks for a suite again, as its report shows it."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.commands.options import SuiteOptions
from benchmark.planning.config import Suite
from benchmark.reporting.html.command import Command


def command_of(
    asked: SuiteOptions, path: str, suite: Suite, results: Path, tuning: Sequence[str]
) -> Command:
    """How a suite was asked for; options at their defaults are left out.

    Args:
        asked: the options of the command line.
        path: the suite's name or path in them.
        suite: as they changed it, which may have got repetitions since.
        results: the results folder.
        tuning: options that ask for tuning, which single cells do without.
    """
    part = [
        *_several("datasets", asked.datasets),
        *_several("methods", asked.methods),
        *_several("plugins", asked.plugins),
        *tuning,
    ]
    single = {
        "epochs": asked.epochs,
        "batch-size": asked.batch_size,
        "precision": asked.precision,
        "protocol": asked.protocol,
        "data": None if asked.data == Path("data") else asked.data,
        "results": None if results == Path("results") else results,
    }
    others = ["--smoke"] if asked.smoke else []
    others += ["--seeds", _seeds(suite.seeds)]
    others += [text for file in asked.load for text in ("--load", str(file))]
    for name, value in single.items():
        others += [] if value is None else [f"--{name}", str(value)]
    return Command(path, part, others)


def _several(name: str, values: tuple[str, ...] | None) -> list[str]:
    return [] if values is None else [f"--{name}", *values]


def _seeds(seeds: tuple[int, ...]) -> str:
    """Repetitions as the option takes them: their number, or which."""
    if seeds == tuple(range(len(seeds))):
        return str(len(seeds))
    return ",".join(map(str, seeds)) if len(seeds) > 1 else f"{seeds[0]},"
