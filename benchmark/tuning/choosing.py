"""Scores the trials of each row in each column, by validation alone."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from benchmark.planning.configurations import Contender
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.tuning.plan import TuningPlan
from benchmark.tuning.scores import TrialScores


def choose(tuned: TuningPlan, results: Mapping[str, RunResult]) -> dict[Contender, TrialScores]:
    """Score the trials of every contender, of which the best is chosen."""
    numbers = range(tuned.tuning.trials)
    return {
        contender: TrialScores(
            tuple(_score(tuned.cells.get((contender, number), ()), results) for number in numbers),
            frozenset(number for number in numbers if (contender, number) in tuned.pruned),
        )
        for contender in tuned.contenders
    }


def _score(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> float | None:
    """Mean validation score over the repetitions of a trial; None where one is missing, or all."""
    found = [
        network.selected.validation.headline
        for cell in cells
        if (result := results.get(cell.run)) is not None
        and (network := result.network(cell.deployment, cell.evaluate)) is not None
    ]
    return fmean(found) if found and len(found) == len(cells) else None
