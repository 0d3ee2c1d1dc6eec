"""`run_benchmark.py show`: read one result, or draw it; no result is changed."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import add_folder, add_reading, require_range
from core.errors import UserError

MOST_SAMPLES = 1000


@dataclass(frozen=True)
class ShowOptions:
    """What to show.

    Attributes:
        run: a run's key, the beginning of one, or a record's file.
        results: where keys are looked for.
        pictures: the file that gets a picture of the run's label maps; None for a page instead.
        samples: the test samples in it; None for all that were kept.
        at_random: so many of them instead, drawn at random.
        data: folder of the data sets, for images.
    """

    run: str
    results: Path
    pictures: Path | None
    samples: tuple[int, ...] | None
    at_random: int | None
    data: Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", help="a run's key, the beginning of one, or a record's .json file"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FILE.png",
        help="draw the label maps that the run kept of test samples instead, beside truth and "
        "images",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--samples", nargs="+", type=int, metavar="I", help="only these, by place in the data set"
    )
    which.add_argument("--random", type=int, metavar="N", help="only so many, drawn at random")
    add_folder(parser.add_argument, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> ShowOptions:
    if given.pictures is None:
        for option in ("samples", "random"):
            if getattr(given, option) is not None:
                raise UserError(f"--{option} is of pictures; add --pictures FILE.png")
    elif given.pictures.suffix != ".png":
        raise UserError(f"--pictures {given.pictures}: expected a name that ends in .png")
    if given.random is not None:
        require_range("--random", given.random, 1, MOST_SAMPLES)
    samples = None if given.samples is None else tuple(given.samples)
    return ShowOptions(given.run, given.results, given.pictures, samples, given.random, given.data)


def run(options: ShowOptions) -> int:
    """Print one run as a page, or draw its label maps; returns the exit code.

    Raises:
        UserError: no such run, more than one, or its record cannot be read; no such maps.
    """
    from benchmark.pages.layout import plain_console
    from benchmark.pages.lookup import find_run

    found = find_run(options.run, options.results)
    if options.pictures is None:
        from benchmark.pages.page import print_run

        print_run(plain_console(), found)
        return 0
    from benchmark.pages.pictures import write_pictures

    write_pictures(
        plain_console(),
        found,
        options.data,
        options.pictures,
        options.samples,
        options.at_random,
    )
    return 0
