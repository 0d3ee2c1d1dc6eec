"""The published data sets in a data folder."""

from collections.abc import Iterator
from pathlib import Path

from benchmark.health.note import Note
from core.errors import DatasetNotFoundError, UserError
from datasets import CARDS
from datasets.preparing.preparation import find_prepared
from datasets.preparing.readers import READERS, locate


def look_at_data_sets(data: Path) -> Iterator[Note]:
    """Whether each is prepared, downloaded or not here."""
    for name in CARDS:
        card = CARDS.get(name)
        if find_prepared(name, data) is not None:
            yield Note(f"{card.label}: prepared")
            continue
        try:
            locate(card, READERS.get(name), data)
        except DatasetNotFoundError:
            fetched = ", fetched when it is used" if card.fetch_on_demand else ""
            yield Note(f"{card.label}: not here{fetched}")
        except UserError as error:
            yield Note(f"{card.label}: {error}", True)
        else:
            yield Note(f"{card.label}: archives here, prepared when they are used")
