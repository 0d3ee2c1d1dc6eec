"""Draws some pairs of each class of a data set."""

from pathlib import Path

from rich.console import Console

from benchmark.data_actions.opening import open_with_progress
from core.errors import UserError
from datasets import DatasetSource
from datasets.looking.sheet import write_sheet


def draw_data_set(console: Console, source: DatasetSource, path: Path) -> None:
    """Write a picture of some pairs per class, and print where it is.

    Raises:
        UserError: the data is not there or not as it should be, or the file cannot be written.
    """
    dataset = open_with_progress(console, source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sheet(dataset, path)
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}; name another file with --output"
        ) from None
    console.print(f"{path}")
