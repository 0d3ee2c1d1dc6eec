"""What methods gain over the baseline, with each repetition: the numbers of gain charts."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import Column, Row, Table


@dataclass(frozen=True)
class Gain:
    """What a row gains in a column, in percentage points.

    Attributes:
        row: which.
        mean: over the repetitions that row and baseline share.
        interval: of 95 %, of the test that marks; None for a single repetition.
        repetitions: repetition -> its gain.
        significant: whether the gain is more than chance, after Holm's correction.
    """

    row: Row
    mean: float
    interval: tuple[float, float] | None
    repetitions: Mapping[int, float]
    significant: bool


def gains_of(table: Table, found: Significance, column: Column) -> list[Gain]:
    """The gains in a column, in the order of the table; empty without a baseline.

    Args:
        table: the table.
        found: what its numbers support.
        column: one of its columns.
    """
    baseline = table.baseline_row
    if baseline is None:
        return []
    gains = []
    for row in table.rows:
        contrast = found.to_baseline.get((row, column))
        if contrast is None:
            continue
        own, other = table.entries[row, column].values, table.entries[baseline, column].values
        gains.append(
            Gain(
                row,
                100 * contrast.paired.difference,
                contrast.paired.interval_in_points,
                {n: 100 * (own[n] - other[n]) for n in sorted(own.keys() & other.keys())},
                contrast.significant,
            )
        )
    return gains
