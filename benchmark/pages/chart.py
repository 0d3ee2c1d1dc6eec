"""A curve over epochs as a few lines of block characters."""

from collections.abc import Sequence
from statistics import fmean

_BLOCKS = " ▁▂▃▄▅▆▇█"
_STEPS = len(_BLOCKS) - 1


def block_chart(values: Sequence[float], width: int, height: int = 3) -> list[str]:
    """Draw values as columns, lines from top to bottom; the smallest value is one eighth high.

    Args:
        values: one or more, in the order of epochs.
        width: most columns; of more values each column shows the mean of some neighbours.
        height: number of lines.
    """
    columns = [fmean(values[first:last]) for first, last in _bounds(values, width)]
    low, high = min(columns), max(columns)
    scale = (height * _STEPS - 1) / (high - low) if high > low else 0.0
    levels = [1 + round((value - low) * scale) for value in columns]
    return [
        "".join(_BLOCKS[min(max(level - line * _STEPS, 0), _STEPS)] for level in levels)
        for line in reversed(range(height))
    ]


def marker(values: Sequence[float], width: int, epoch: int, label: str) -> str:
    """A line under the chart that points at an epoch, counted from 0, and names it."""
    column = next(c for c, (_, last) in enumerate(_bounds(values, width)) if epoch < last)
    if column + 2 + len(label) <= width:
        return f"{' ' * column}▲ {label}"
    return f"{label} ▲".rjust(column + 1)


def _bounds(values: Sequence[float], width: int) -> list[tuple[int, int]]:
    count, columns = len(values), min(len(values), width)
    return [(c * count // columns, (c + 1) * count // columns) for c in range(columns)]
