"""`run_benchmark.py data`: obtain, prepare, check and look at data sets."""

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import (
    DownloadColumn,
    MofNCompleteColumn,
)
from rich.table import Table

from benchmark.running.progress import progress_bar
from core.errors import DatasetNotFoundError, UserError
from datasets import CARDS, DatasetCard, DatasetSource, open_dataset
from datasets.preparing.cache import read_meta
from datasets.preparing.fetching import fetch
from datasets.preparing.preparation import cache_folder, find_prepared, prepare
from datasets.preparing.readers import READERS, PreparationOptions, locate
from datasets.splits import SplitRule

REPETITIONS = 5


def run_data_command(options: argparse.Namespace) -> int:
    """Do what `data list|fetch|prepare|check|show` asks for; returns the exit code.

    Raises:
        UserError: wrong input.
    """
    console = Console(highlight=False, soft_wrap=True)
    actions: dict[str, Callable[[Console, argparse.Namespace], None]] = {
        "list": _list,
        "fetch": _fetch,
        "prepare": _prepare,
        "check": _check,
        "show": _show,
    }
    actions[options.action](console, options)
    return 0


def fetch_data_set(card: DatasetCard, data_folder: Path, console: Console) -> None:
    """Download all files of a card into `<data>/<name>/`.

    Raises:
        UserError: a download failed; running again continues it.
    """
    for remote in card.archives:
        folder = data_folder / card.name / Path(remote.name).parent
        with progress_bar(console, f"fetching {remote.name}", DownloadColumn()) as advance:
            fetch(remote, folder, advance)


def fetch_if_missing(card: DatasetCard, data_folder: Path, console: Console) -> None:
    """Download a small data set that a suite is about to use, unless it is here in any form.

    Raises:
        UserError: a download failed; running again continues it.
    """
    if not card.fetch_on_demand or find_prepared(card.name, data_folder) is not None:
        return
    try:
        locate(card, READERS.get(card.name), data_folder)
    except DatasetNotFoundError:
        pass
    else:
        if all((data_folder / card.name / remote.name).is_file() for remote in card.archives):
            return
    console.print(f"fetching {card.label} ({card.licence})")
    fetch_data_set(card, data_folder, console)


def _list(console: Console, options: argparse.Namespace) -> None:
    table = Table("name", "modalities", "pairs", "to fetch", "here", "licence")
    table.columns[0].no_wrap = True
    for name in CARDS:
        card = CARDS.get(name)
        modalities = ", ".join(f"{key} ({count})" for key, count in card.modalities.items())
        state = _state(card, options.data)
        table.add_row(
            name, modalities, str(card.samples), _download_size(card), state, card.licence
        )
    console.print(table)
    console.print(f"'here' is the folder {options.data}; name another with --data")


def _download_size(card: DatasetCard) -> str:
    sizes = [remote.size for remote in card.archives]
    known = sum(size for size in sizes if size)
    if None not in sizes:
        return _readable(known)
    return f"{_readable(known)} and more" if known else "size not stated"


def _state(card: DatasetCard, data_folder: Path) -> str:
    try:
        folder = find_prepared(card.name, data_folder)
    except UserError as error:
        return str(error)
    if folder is not None:
        size = sum(path.stat().st_size for path in folder.iterdir())
        return f"prepared, {_readable(size)}"
    try:
        found = locate(card, READERS.get(card.name), data_folder)
    except DatasetNotFoundError:
        return "missing"
    return "not prepared: " + ", ".join(path.name for path in found.values())


def _readable(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _fetch(console: Console, options: argparse.Namespace) -> None:
    card = CARDS.get(options.name)
    console.print(f"{card.label}: licence: {card.licence}; cite: {card.citation}")
    if not card.archives:
        _print_manual_steps(console, card, options.data)
        return
    fetch_data_set(card, options.data, console)
    _print_manual_steps(console, card, options.data)


def _print_manual_steps(console: Console, card: DatasetCard, data_folder: Path) -> None:
    """Say what is left to do by hand, if anything is."""
    try:
        locate(card, READERS.get(card.name), data_folder)
    except DatasetNotFoundError as error:
        console.print(str(error))
        for layout in card.layouts:
            console.print(f"accepted: {layout}")
        return
    console.print(f"complete; next: python run_benchmark.py data prepare {card.name}")


def _preparation_options(options: argparse.Namespace) -> PreparationOptions:
    choices = []
    for text in options.option or ():
        name, separator, value = text.partition("=")
        if not separator:
            raise UserError(f"--option {text}: expected NAME=VALUE, such as depth=depth_bfx")
        choices.append((name, value))
    modalities = None if options.modalities is None else tuple(options.modalities)
    return PreparationOptions(options.image_size, modalities, tuple(choices))


def _prepare(console: Console, options: argparse.Namespace) -> None:
    wanted = _preparation_options(options)
    if find_prepared(options.name, options.data, wanted) is None:
        with progress_bar(console, f"preparing {options.name}", MofNCompleteColumn()) as advance:
            prepare(options.name, options.data, wanted, advance)
    folder = cache_folder(options.name, options.data, wanted)
    meta = read_meta(folder)
    assert meta is not None
    counts = ", ".join(
        f"{label} {count}" for label, count in zip(meta.class_names, meta.class_counts, strict=True)
    )
    console.print(f"{options.name}: {sum(meta.class_counts)} pairs in {folder}")
    console.print(f"classes: {counts}")
    if meta.skipped:
        console.print(f"left out: {len(meta.skipped)}, first: {meta.skipped[0]}")


def _source(options: argparse.Namespace) -> DatasetSource:
    """A published data set by its name, or the user's own by its path."""
    path = Path(options.name)
    if path.suffix == ".npz":
        return DatasetSource("npz", path.stem, path, options.image_size)
    if path.is_dir() and options.name not in CARDS:
        return DatasetSource("npy", path.name, path, options.image_size)
    wanted = _preparation_options(options)
    return DatasetSource(
        "published",
        options.name,
        options.data,
        wanted.image_size,
        wanted.modalities,
        wanted.choices,
    )


def _check(console: Console, options: argparse.Namespace) -> None:
    from datasets.looking.inspection import inspect  # needs PyTorch and scikit-learn

    source = _source(options)
    with progress_bar(console, f"preparing {source.name}", MofNCompleteColumn()) as advance:
        dataset = open_dataset(source, advance)
    rules: list[SplitRule] = ["paper"] if dataset.groups is None else ["paper", "by_group"]
    first = inspect(dataset, rules[0], REPETITIONS)
    for line in first.describe():
        console.print(line, markup=False)
    for note in dataset.notes:
        console.print(f"note: {note}", markup=False)
    if source.kind == "published":
        _print_differences(console, CARDS.get(source.name), dataset.labels.tolist(), options)
    for rule in rules:
        inspection = first if rule == rules[0] else inspect(dataset, rule, REPETITIONS)
        warnings = inspection.warnings()
        for warning in warnings:
            console.print(f"warning, split {rule}: {warning}", markup=False)
        if not warnings:
            console.print(f"split {rule}: nothing to warn of", markup=False)


def _print_differences(
    console: Console, card: DatasetCard, labels: list[int], options: argparse.Namespace
) -> None:
    """Compare counts with the published ones, and list what preparation left out."""
    for index, name in enumerate(card.class_names):
        expected, found = card.class_counts.get(name), labels.count(index)
        if expected is not None and found != expected:
            console.print(f"class {name}: {found} pairs found, {expected} published")
    if card.samples is not None and len(labels) != card.samples:
        console.print(f"{len(labels)} pairs found, {card.samples} published")
    meta = read_meta(cache_folder(card.name, options.data, _preparation_options(options)))
    for reason in (meta.skipped if meta else ())[:10]:
        console.print(f"left out: {reason}", markup=False)


def _show(console: Console, options: argparse.Namespace) -> None:
    from datasets.looking.sheet import write_sheet  # needs matplotlib

    source = _source(options)
    with progress_bar(console, f"preparing {source.name}", MofNCompleteColumn()) as advance:
        dataset = open_dataset(source, advance)
    path = options.output or options.reports / "data" / f"{source.name}.png"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sheet(dataset, path)
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}; name another file with --output"
        ) from None
    console.print(f"{path}")
