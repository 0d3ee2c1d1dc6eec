"""Draws the embeddings of a run, with a table of the points beside the picture."""

from pathlib import Path

from rich.console import Console

from benchmark.commands.options import PICTURE_ENDINGS
from benchmark.pages.layout import sentence
from benchmark.pages.lookup import StoredRun
from benchmark.reporting.pictures.embeddings import (
    draw_embeddings,
    embedding_frame,
    place_embeddings,
)
from benchmark.reporting.pictures.projection import Projection
from benchmark.reporting.pictures.style import Width, paper_style, write_figure
from benchmark.reporting.report import as_csv
from benchmark.running.embedding import embed_test_samples
from core.errors import UserError
from core.files import write_atomically


def write_embeddings(
    console: Console,
    run: StoredRun,
    data: Path,
    projection: Projection,
    width: Width,
    output: Path | None = None,
) -> None:
    """Draw a run's embeddings of its test samples, and write the points as a CSV beside.

    Args:
        console: where it is said what was written.
        run: with kept weights.
        data: folder of the data sets.
        projection: how embeddings become points.
        width: of the picture.
        output: the picture; None for a PDF and a PNG that are named after the run.

    Raises:
        UserError: the run's weights, data or method are not here, or a file cannot be written.
    """
    record = run.record
    found = embed_test_samples(record, run.weights(), data)
    panels = place_embeddings(found.networks, projection)
    names = record.data.class_names
    drawn = f"{len(found.samples):,}"
    counted = drawn if len(found.samples) == found.of else f"{drawn} of {found.of:,}"
    caption = f"{projection.label} of {counted} test samples"
    stem = Path(f"{record.key}_{projection}") if output is None else output.with_suffix("")
    pictures = [stem.with_name(f"{stem.name}{ending}") for ending in PICTURE_ENDINGS]
    with paper_style():
        figure = draw_embeddings(panels, found.classes, names, caption, width)
        for path in pictures if output is None else [output]:
            write_figure(figure, path)
            sentence(console, f"written to {path}")
    table = stem.with_name(f"{stem.name}.csv")
    points = embedding_frame(panels, found.samples, found.classes, names)
    try:
        write_atomically(table, as_csv(points))
    except OSError as error:
        raise UserError(f"cannot write {table}: {error.strerror}; name another file") from None
    sentence(console, f"its points: {table}")
    sentence(console, f"{caption} of {record.description}; colours are true classes")
