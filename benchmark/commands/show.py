"""`run_benchmark.py show`: read one result, or draw it; no result is changed."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import (
    PICTURE_WIDTHS,
    add_folder,
    add_reading,
    require_picture,
    require_range,
)
from core.errors import UserError

MOST_SAMPLES = 1000
PROJECTIONS = ("pca", "tsne")


@dataclass(frozen=True)
class EmbeddingOptions:
    """How embeddings are drawn.

    Attributes:
        projection: pca or tsne.
        width: that of a column or of the text.
        output: the picture; None for a PDF and a PNG that are named after the run.
        load: Python files of own methods and networks.
    """

    projection: str
    width: str
    output: Path | None
    load: tuple[Path, ...]


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
        embedding: how the run's embeddings are drawn; None for a page or label maps.
    """

    run: str
    results: Path
    pictures: Path | None
    samples: tuple[int, ...] | None
    at_random: int | None
    data: Path
    embedding: EmbeddingOptions | None


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", help="a run's key, the beginning of one, or a record's .json file"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--pictures",
        type=Path,
        metavar="FILE.png",
        help="draw the label maps that the run kept of test samples instead, beside truth and "
        "images",
    )
    what.add_argument(
        "--embedding",
        nargs="?",
        const=PROJECTIONS[0],
        choices=PROJECTIONS,
        help="draw embeddings of test samples instead, from weights that the run kept: those of "
        "DisCoM-KD, or what the last layer of any other method's network reads (default: pca)",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--samples", nargs="+", type=int, metavar="I", help="only these, by place in the data set"
    )
    which.add_argument("--random", type=int, metavar="N", help="only so many, drawn at random")
    drawn = parser.add_argument_group("of embeddings")
    drawn.add_argument(
        "--output",
        type=Path,
        metavar="FILE.pdf",
        help="or FILE.png, with FILE.csv beside it; by default a PDF and a PNG in this folder",
    )
    drawn.add_argument(
        "--width", choices=PICTURE_WIDTHS, help="as in 'figure', that of a column by default"
    )
    drawn.add_argument(
        "--load",
        action="append",
        type=Path,
        metavar="FILE.py",
        help="run this Python file, which registers the run's own method or network",
    )
    add_folder(parser.add_argument, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> ShowOptions:
    if given.pictures is None:
        _require_none(given, ("samples", "random"), "is of pictures; add --pictures FILE.png")
    elif given.pictures.suffix != ".png":
        raise UserError(f"--pictures {given.pictures}: expected a name that ends in .png")
    if given.random is not None:
        require_range("--random", given.random, 1, MOST_SAMPLES)
    samples = None if given.samples is None else tuple(given.samples)
    return ShowOptions(
        given.run,
        given.results,
        given.pictures,
        samples,
        given.random,
        given.data,
        _embedding(given),
    )


def _embedding(given: argparse.Namespace) -> EmbeddingOptions | None:
    if given.embedding is None:
        _require_none(given, ("output", "width", "load"), "is of embeddings; add --embedding")
        return None
    if given.output is not None:
        require_picture(given.output)
    return EmbeddingOptions(
        given.embedding, given.width or PICTURE_WIDTHS[0], given.output, tuple(given.load or ())
    )


def _require_none(given: argparse.Namespace, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if getattr(given, name) is not None:
            raise UserError(f"--{name} {why}")


def run(options: ShowOptions) -> int:
    """Print one run as a page, or draw its label maps or embeddings; returns the exit code.

    Raises:
        UserError: no such run, more than one, or its record cannot be read; no such maps, or
            nothing that embeddings could be drawn from.
    """
    from benchmark.pages.layout import plain_console
    from benchmark.pages.lookup import find_run

    found = find_run(options.run, options.results)
    if options.embedding is not None:
        from benchmark.commands.embedding_display import write_embeddings
        from benchmark.reporting.pictures.projection import Projection
        from benchmark.reporting.pictures.style import Width
        from methods.registry import load_user_file

        asked = options.embedding
        for path in asked.load:
            load_user_file(path)
        write_embeddings(
            plain_console(),
            found,
            options.data,
            Projection(asked.projection),
            Width(asked.width),
            asked.output,
        )
        return 0
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
