"""Opens what the user named, published or not."""

from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn

from benchmark.running.progress import progress_bar
from datasets import CARDS, Dataset, DatasetSource, open_dataset
from datasets.preparing.readers import PreparationOptions


def source_of(name: str, data_folder: Path, wanted: PreparationOptions) -> DatasetSource:
    """A published data set by its name, or the user's own by its path."""
    path = Path(name)
    if path.suffix == ".npz":
        return DatasetSource("npz", path.stem, path, wanted.image_size)
    if path.is_dir() and name not in CARDS:
        return DatasetSource("npy", path.name, path, wanted.image_size)
    return DatasetSource(
        "published", name, data_folder, wanted.image_size, wanted.modalities, wanted.choices
    )


def open_with_progress(console: Console, source: DatasetSource) -> Dataset:
    """Open a data set, and show how far its preparation is where it has to be prepared.

    Raises:
        UserError: its files are not there or not as they should be.
    """
    with progress_bar(console, f"preparing {source.name}", MofNCompleteColumn()) as advance:
        return open_dataset(source, advance)
