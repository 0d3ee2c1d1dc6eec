"""Prepares data sets."""

from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn

from benchmark.running.progress import progress_bar
from datasets import CARDS
from datasets.preparing.cache import read_meta
from datasets.preparing.preparation import cache_folder, find_prepared, prepare
from datasets.preparing.readers import READERS, PreparationOptions, locate


def prepare_data_set(
    console: Console, name: str, data_folder: Path, wanted: PreparationOptions
) -> None:
    """Prepare a published data set, unless it is prepared, and say what is in it.

    Raises:
        UserError: no such data set, its files are not there or not as they should be.
    """
    if find_prepared(name, data_folder, wanted) is None:
        # Before a folder is made for what is prepared.
        locate(CARDS.get(name), READERS.get(name), data_folder)
        with progress_bar(console, f"preparing {name}", MofNCompleteColumn()) as advance:
            prepare(name, data_folder, wanted, advance)
    folder = cache_folder(name, data_folder, wanted)
    meta = read_meta(folder)
    assert meta is not None
    counts = ", ".join(
        f"{label} {count}" for label, count in zip(meta.class_names, meta.class_counts, strict=True)
    )
    console.print(f"{name}: {meta.samples} pairs in {folder}")
    unit = "classes" if meta.label_maps is None else "pixels of each class"
    console.print(f"{unit}: {counts}")
    for sentence in meta.describe_holes():
        console.print(sentence, markup=False)
    if meta.skipped:
        console.print(f"left out: {len(meta.skipped)}, first: {meta.skipped[0]}")
