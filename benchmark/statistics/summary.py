"""Summaries over repetitions."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from statistics import fmean


class Arrow(StrEnum):
    """How a method compares with the baseline in the same column."""

    UP = "↑"
    DOWN = "↓"
    EQUAL = "="


def mean(values: Mapping[int, float]) -> float | None:
    """Mean over repetitions; None where there are none."""
    return fmean(values.values()) if values else None


def mean_of_columns(columns: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Per repetition the mean over columns, for the repetitions that every column has."""
    shared = set.intersection(*(set(column) for column in columns)) if columns else set()
    return {
        repetition: fmean(column[repetition] for column in columns) for repetition in sorted(shared)
    }


def standard_deviation(values: Mapping[int, float]) -> float | None:
    """Standard deviation over repetitions with divisor n - 1; None for fewer than two."""
    centre = mean(values)
    if centre is None or len(values) < 2:
        return None
    # Not `statistics.stdev`: it rounds the last bit otherwise, and the values are kept in reports.
    squares = math.fsum((value - centre) ** 2 for value in values.values())
    return math.sqrt(squares / (len(values) - 1))


def compare(values: Mapping[int, float], baseline: Mapping[int, float]) -> Arrow | None:
    """Arrow of a method against a baseline, from unrounded means over the repetitions of both.

    None where they share no repetition.
    """
    shared = values.keys() & baseline.keys()
    if not shared:
        return None
    difference = math.fsum(values[repetition] - baseline[repetition] for repetition in shared)
    if difference == 0:
        return Arrow.EQUAL
    return Arrow.UP if difference > 0 else Arrow.DOWN
