"""How trials did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrialScores:
    """How the trials of a contender did.

    Attributes:
        scores: of each trial, mean over the tuning repetitions of the validation score of the
            selected checkpoint, in [0, 1]; None where a repetition is missing or failed.
        best: number of the trial with the highest score, the first of equal ones; None without any.
    """

    scores: tuple[float | None, ...]
    best: int | None

    @property
    def finished(self) -> int:
        """How many trials have a score."""
        return sum(score is not None for score in self.scores)
