"""Options that several commands share."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError

AddArgument = Callable[..., argparse.Action]
MOST_POINTS = 100  # scores are in [0, 100]
PICTURE_WIDTHS = ("column", "text")  # of a paper, the usual first
PICTURE_ENDINGS = (".pdf", ".png")


@dataclass(frozen=True)
class SuiteOptions:
    """Which suites are meant, and how the command line changes them; None changes nothing.

    Attributes:
        suites: shipped names or paths.
        smoke: miniature data and a small budget.
        data: folder of the data sets.
        load: Python files whose methods join the suites.
        seeds: a number of repetitions, or which.
    """

    suites: tuple[str, ...]
    smoke: bool
    data: Path
    load: tuple[Path, ...]
    datasets: tuple[str, ...] | None
    methods: tuple[str, ...] | None
    plugins: tuple[str, ...] | None
    seeds: int | tuple[int, ...] | None
    epochs: int | None
    batch_size: int | None
    precision: str | None
    protocol: str | None


def add_suite_changes(parser: argparse.ArgumentParser) -> None:
    """The options that change a suite."""
    grid = parser.add_argument_group("changes to the suite")
    grid.add_argument("--datasets", nargs="+", metavar="NAME", help="only these data sets")
    grid.add_argument("--methods", nargs="+", metavar="NAME", help="these methods instead")
    grid.add_argument("--plugins", nargs="+", metavar="NAME", help="these plug-ins instead")
    grid.add_argument(
        "--seeds",
        type=_seeds,
        metavar="N|I,J,..",
        help="number of repetitions, or which; I, is one of them",
    )
    grid.add_argument("--epochs", type=int, metavar="N")
    grid.add_argument("--batch-size", type=int, metavar="N")
    grid.add_argument("--precision", choices=("auto", "fp32", "bf16"))
    grid.add_argument("--protocol", metavar="NAME")
    grid.add_argument(
        "--load",
        action="append",
        default=[],
        type=Path,
        metavar="FILE.py",
        help="run this Python file; the methods that it registers join the suite",
    )


def read_suite_options(given: argparse.Namespace) -> SuiteOptions:
    """What was parsed of --suite, --smoke, --data and the changes to a suite.

    Raises:
        UserError: an option has no value: argparse takes "--" for the end of options even there.
    """
    if not all(isinstance(name, str) for name in given.suite):
        raise UserError("--suite has no value; give a suite's name or the path of a .yaml file")
    return SuiteOptions(
        suites=tuple(given.suite),
        smoke=given.smoke,
        data=given.data,
        load=tuple(given.load),
        datasets=frozen(given.datasets),
        methods=frozen(given.methods),
        plugins=frozen(given.plugins),
        seeds=given.seeds,
        epochs=given.epochs,
        batch_size=given.batch_size,
        precision=given.precision,
        protocol=given.protocol,
    )


def add_folder(add: AddArgument, name: str) -> None:
    """A folder of this name, in the current one by default."""
    add(f"--{name}", type=Path, default=Path(name), metavar="DIR")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """The options of commands that look into a results folder."""
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where keys are looked for (default: results)",
    )
    add_debug(parser.add_argument)


def add_debug(add: AddArgument) -> None:
    """The option that every command has."""
    add("--debug", action="store_true", help="show tracebacks")


def frozen(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """The values of an option that takes several, None where it was not given."""
    return None if values is None else tuple(values)


def require_range(option: str, value: int, least: int, most: int) -> None:
    """Check a number of the command line.

    Raises:
        UserError: it is below `least` or above `most`.
    """
    if value < least:
        raise UserError(f"{option} {value}: expected {least} or more")
    if value > most:
        raise UserError(f"{option} {value}: expected {most} or less")


def require_points(option: str, value: float) -> None:
    """Check a difference of scores on the command line, in percentage points.

    Raises:
        UserError: it is not a number above 0 and up to 100.
    """
    if not 0 < value <= MOST_POINTS:
        raise UserError(f"{option} {value:g}: expected points above 0, up to {MOST_POINTS}")


def require_picture(path: Path) -> None:
    """Check the name that a figure is written under.

    Raises:
        UserError: it ends as no figure's does.
    """
    if path.suffix not in PICTURE_ENDINGS:
        raise UserError(f"--output {path}: expected a name that ends in .pdf or .png")


def require_results(folder: Path) -> None:
    """Check that the results folder of a command that reads it is there.

    Raises:
        UserError: it is not.
    """
    if not folder.is_dir():
        raise UserError(f"there is no results folder {folder}; name the one in use with --results")


def _seeds(text: str) -> int | tuple[int, ...]:
    """A number of repetitions, or a list of them, which of one alone is written "3,"."""
    try:
        numbers = tuple(int(part) for part in text.removesuffix(",").split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither a number of repetitions nor a list such as 0,1,4"
        ) from None
    return numbers if "," in text else numbers[0]
