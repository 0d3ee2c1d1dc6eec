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
            found = locate(card, READERS.get(name), data)
        except DatasetNotFoundError:
            yield Note(f"{card.label}: not here")
        except UserError as error:
            yield Note(f"{card.label}: {error}", True)
        else:
            embedded = card.embedded in found.values()
            where = "embedded in the benchmark" if embedded else "archives here"
            yield Note(f"{card.label}: {where}, prepared when they are used")
