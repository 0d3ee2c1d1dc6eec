"""Downloads data sets."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import DownloadColumn

from benchmark.planning.config import Suite
from benchmark.running.progress import progress_bar
from core.errors import DatasetNotFoundError
from datasets import CARDS, DatasetCard
from datasets.preparing.fetching import fetch
from datasets.preparing.preparation import find_prepared
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


def fetch_small_data(console: Console, suites: Sequence[Suite], data_folder: Path) -> None:
    """Download what suites may download by themselves.

    Raises:
        UserError: a download failed; running again continues it.
    """
    for suite in suites:
        for entry in suite.datasets if not suite.smoke else ():
            if entry.name in CARDS and entry.npz is None and entry.npy is None:
                _fetch_if_missing(CARDS.get(entry.name), data_folder, console)


def _fetch_if_missing(card: DatasetCard, data_folder: Path, console: Console) -> None:
    """Download a small data set, unless it is here in any form."""
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
    _fetch_data_set(card, data_folder, console)


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
