"""How trials did."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TrialScores:
    """How the trials of a contender did.

    Attributes:
        scores: of each trial, mean over the tuning repetitions of the validation score of the
            selected checkpoint, in [0, 1]; None where a repetition is missing or failed, or the
            trial was pruned.
        pruned: numbers of those that were not tried in full.
    """

    scores: tuple[float | None, ...]
    pruned: frozenset[int] = frozenset()

    @property
    def scored(self) -> Mapping[int, float]:
        """Number -> score of the trials that have one."""
        return {number: score for number, score in enumerate(self.scores) if score is not None}

    @property
    def best(self) -> int | None:
        """Number of the trial with the highest score, the first of equal ones; None without any."""
        scored = self.scored
        return max(scored, key=scored.__getitem__, default=None)

    @property
    def finished(self) -> int:
        """How many trials have a score."""
        return len(self.scored)

    @property
    def missing(self) -> int:
        """How many trials should have a score and have none."""
        return len(self.scores) - self.finished - len(self.pruned)

    def state(self, number: int) -> str:
        """What became of a trial: "finished", "pruned" or "missing"."""
        if number in self.pruned:
            return "pruned"
        return "missing" if self.scores[number] is None else "finished"
