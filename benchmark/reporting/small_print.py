"""What a reader is told of a report, by where it has to stand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class SmallPrint:
    """The sentences on a report; each stands in one of these places alone.

    Attributes:
        scores: what the numbers are.
        marks: what the signs beside them mean.
        caution: what a reader would regret to have overlooked; "" where there is nothing.
        columns: what other columns mean.
        notes: all that is left: set-up, data, tests, machines.
    """

    scores: str
    marks: str
    caution: str
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def reading(self) -> list[str]:
        """The two or three sentences without which a table is misread."""
        return [sentence for sentence in (self.scores, self.marks, self.caution) if sentence]

    @property
    def further(self) -> list[str]:
        """All other sentences."""
        return [*self.columns, *self.notes]

    @property
    def all(self) -> list[str]:
        """Every sentence."""
        return [*self.reading, *self.further]

    def with_notes(self, notes: Iterable[str]) -> "SmallPrint":
        """With further notes below those that are here."""
        return replace(self, notes=(*self.notes, *notes))
