"""Chooses the best trial of each row in each column, by validation alone."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from benchmark.planning.configurations import Contender
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.tuning.plan import TuningPlan
from benchmark.tuning.scores import TrialScores


def choose(tuned: TuningPlan, results: Mapping[str, RunResult]) -> dict[Contender, TrialScores]:
    """Score the trials of every contender and choose among those that are finished."""
    found = {}
    for contender in tuned.contenders:
        pruned = frozenset(number for one, number in tuned.pruned if one == contender)
        scores = tuple(
            _score(cells, results) if (cells := tuned.cells.get((contender, number))) else None
            for number in range(tuned.tuning.trials)
        )
        finished = {number: score for number, score in enumerate(scores) if score is not None}
        best = max(finished, key=lambda number: (finished[number], -number), default=None)
        found[contender] = TrialScores(scores, best, pruned)
    return found


def _score(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> float | None:
    """Mean validation score over the repetitions of a trial; None where one is missing."""
    found = [
        network.selected.validation.headline
        for cell in cells
        if (result := results.get(cell.run)) is not None
        and (network := result.network(cell.deployment, cell.evaluate)) is not None
    ]
    return fmean(found) if len(found) == len(cells) else None
