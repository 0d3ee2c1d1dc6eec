"""Checks data sets: counts, ranges, duplicates and leaks."""

from rich.console import Console

from benchmark.data_actions.opening import open_with_progress
from datasets import CARDS, Dataset, DatasetSource
from datasets.looking.inspection import inspect
from datasets.preparing.cache import read_meta
from datasets.preparing.preparation import cache_folder
from datasets.preparing.readers import PreparationOptions
from datasets.splits import SplitRule

REPETITIONS = 5


def check_data_set(console: Console, source: DatasetSource) -> None:
    """Print counts, ranges and notes, and warn of splits that leak.

    Raises:
        UserError: its files are not there or not as they should be.
    """
    dataset = open_with_progress(console, source)
    rules: list[SplitRule] = ["paper"]
    if dataset.groups is not None and dataset.official_test is None:
        rules.append("by_group")
    first = inspect(dataset, rules[0], REPETITIONS)
    for line in first.describe():
        console.print(line, markup=False)
    for note in dataset.notes:
        console.print(f"note: {note}", markup=False)
    if source.kind == "published":
        _print_differences(console, source, dataset)
    for rule in rules:
        inspection = first if rule == rules[0] else inspect(dataset, rule, REPETITIONS)
        warnings = inspection.warnings()
        for warning in warnings:
            console.print(f"warning, split {rule}: {warning}", markup=False)
        if not warnings:
            console.print(f"split {rule}: nothing to warn of", markup=False)


def _print_differences(console: Console, source: DatasetSource, dataset: Dataset) -> None:
    """Compare counts with the published ones, and list what preparation left out."""
    card = CARDS.get(source.name)
    for name, expected in card.class_counts.items():
        found = int((dataset.labels == card.class_names.index(name)).sum())
        if found != expected:
            console.print(f"class {name}: {found} pairs found, {expected} published")
    if card.samples is not None and len(dataset) != card.samples:
        console.print(f"{len(dataset)} pairs found, {card.samples} published")
    options = PreparationOptions(source.image_size, source.modalities, source.choices)
    meta = read_meta(cache_folder(card.name, source.path, options))
    for sentence in meta.describe_holes() if meta else ():
        console.print(sentence, markup=False)
    for reason in (meta.skipped if meta else ())[:10]:
        console.print(f"left out: {reason}", markup=False)
