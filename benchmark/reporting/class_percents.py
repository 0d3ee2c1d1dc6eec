"""The scores of each class over the repetitions of a row: the numbers of charts of classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.records.scores import AnyScores
from benchmark.reporting.stored import Repetition
from benchmark.statistics.class_scores import class_scores, class_shares


@dataclass(frozen=True)
class ClassRow:
    """The classes of a row in a column.

    Attributes:
        names: of the classes.
        scores: of each repetition, on the test set at the selected checkpoint.
        percents: of each class, the percent of the repetitions that have a score of it.
    """

    names: Sequence[str]
    scores: Sequence[AnyScores]
    percents: Sequence[Sequence[float]]

    @property
    def means(self) -> list[float | None]:
        """Of each class over repetitions; None for one that no repetition has a score of."""
        return [float(np.mean(values)) if values else None for values in self.percents]

    @property
    def shares(self) -> NDArray[np.float64]:
        """What each class was taken for, as `class_shares`, all repetitions together; (C, C)."""
        return class_shares([scores.confusion for scores in self.scores])

    @property
    def score_name(self) -> str:
        """What the score of a class is called."""
        return next(iter(self.scores[0].of_classes), "F1")


def class_row(repetitions: Sequence[Repetition]) -> ClassRow | None:
    """The classes of a row; None where records lack its scores, or do not fit together.

    Args:
        repetitions: of the row in one column, at least one.
    """
    found = [(one.record.data.class_names, one.scored) for one in repetitions]
    scores = [network.selected.test for _, network in found if network is not None]
    names = found[0][0]
    alike = all(own == names for own, _ in found)
    square = all(np.shape(one.confusion) == (len(names), len(names)) for one in scores)
    if not (scores and alike and square):
        return None
    rows = list(map(_percents, scores))
    by_class = [
        [value for own in rows if (value := own[place]) is not None] for place in range(len(names))
    ]
    return ClassRow(names, scores, by_class)


def _percents(scores: AnyScores) -> list[float | None]:
    """The score of each class in percent; None for a class without one."""
    stored = next(iter(scores.of_classes.values()), None)
    values = class_scores(scores.confusion).f1.tolist() if stored is None else stored
    return [None if value is None else 100 * value for value in values]
