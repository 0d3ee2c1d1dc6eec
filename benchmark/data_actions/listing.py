"""What data sets there are, and what is here."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.errors import DatasetNotFoundError, UserError
from datasets import CARDS, DatasetCard
from datasets.preparing.preparation import find_prepared
from datasets.preparing.readers import READERS, locate


def list_data_sets(console: Console, data_folder: Path) -> None:
    """Print every published data set and what of it is in the folder."""
    table = Table("name", "modalities", "pairs", "to fetch", "here", "licence")
    table.columns[0].no_wrap = True
    for name in CARDS:
        card = CARDS.get(name)
        modalities = ", ".join(f"{key} ({count})" for key, count in card.modalities.items())
        state = _state(card, data_folder)
        table.add_row(
            name, modalities, str(card.samples), _download_size(card), state, card.licence
        )
    console.print(table)
    console.print(f"'here' is the folder {data_folder}; name another with --data")


def _download_size(card: DatasetCard) -> str:
    if not card.archives:
        return "by hand"
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
    if card.embedded in found.values():
        return "embedded in the benchmark"
    return "not prepared: " + ", ".join(path.name for path in found.values())


def _readable(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
