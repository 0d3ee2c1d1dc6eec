"""Questions that are asked of several cells at once, and their tests."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from benchmark.statistics import ALPHA, PairedComparison, holm

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Tested:
    """One of a family of differences, paired over repetitions.

    Attributes:
        comparison: in the unit of what is compared; None where no repetition has both sides.
        holm_p: p-value of the test that marks, after Holm's correction over the family; None where
            there is no test.
    """

    comparison: PairedComparison | None
    holm_p: float | None

    @property
    def significant(self) -> bool:
        """Whether the test rejects that there is no difference, at `ALPHA`."""
        return self.holm_p is not None and self.holm_p < ALPHA


def tested_family(comparisons: Mapping[Key, PairedComparison | None]) -> dict[Key, Tested]:
    """The comparisons of one family with Holm's correction over it."""
    corrected = holm({key: c.marking_p_value if c else None for key, c in comparisons.items()})
    return {key: Tested(c, corrected[key]) for key, c in comparisons.items()}
