"""Downloads data sets."""

from pathlib import Path

from rich.console import Console
from rich.progress import DownloadColumn

from benchmark.running.progress import progress_bar
from core.errors import DatasetNotFoundError
from datasets import CARDS, DatasetCard
from datasets.preparing.fetching import fetch
from datasets.preparing.readers import READERS, locate


def fetch_by_name(console: Console, name: str, data_folder: Path) -> None:
    """Download what can be downloaded of a published data set, and say what is left to do.

    Raises:
        UserError: no such data set; a download failed, and running again continues it.
    """
    card = CARDS.get(name)
    console.print(f"{card.label}: licence: {card.licence}; cite: {card.citation}")
    _fetch_data_set(card, data_folder, console)
    _print_manual_steps(console, card, data_folder)


def _fetch_data_set(card: DatasetCard, data_folder: Path, console: Console) -> None:
    """Download all files of a card into `<data>/<name>/`."""
    for remote in card.archives:
        folder = data_folder / card.name / Path(remote.name).parent
        with progress_bar(console, f"fetching {remote.name}", DownloadColumn()) as advance:
            fetch(remote, folder, advance)


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
