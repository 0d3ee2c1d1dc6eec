"""Draws some pairs of a data set."""

from pathlib import Path

from rich.console import Console

from benchmark.data_actions.augmenting import draw_augmented
from benchmark.data_actions.opening import open_with_progress
from benchmark.records.augmentation import Augmentation
from core.errors import UserError
from datasets import DatasetSource
from datasets.looking.map_sheet import write_map_sheet
from datasets.looking.sheet import write_sheet


def draw_data_set(
    console: Console, source: DatasetSource, path: Path, augmented: bool = False
) -> None:
    """Write a picture of some pairs, of each class where each has one, and print where it is.

    Args:
        console: where to print.
        source: of the data set.
        path: of the picture.
        augmented: show what training makes of some pairs with one class per pixel.

    Raises:
        UserError: the data is not there or not as it should be, or the file cannot be written.
    """
    dataset = open_with_progress(console, source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if augmented:
            draw_augmented(dataset, path, Augmentation())
        elif dataset.task == "segmentation":
            write_map_sheet(dataset, path)
        else:
            write_sheet(dataset, path)
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}; name another file with --output"
        ) from None
    console.print(f"{path}")
