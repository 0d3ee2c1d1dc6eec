"""Prunes trials that fall behind on a part of their epochs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from benchmark.planning.configurations import Contender
from benchmark.tuning.plan import Tried
from benchmark.tuning.scores import TrialScores
from core.lazy import lazy

if TYPE_CHECKING:
    import optuna
else:
    optuna = lazy("optuna")


def prune(rung: Mapping[Contender, TrialScores]) -> frozenset[Tried]:
    """The trials below the median of their contender's draws, as optuna's MedianPruner has it.

    Args:
        rung: of each contender, validation scores on a part of the epochs; a trial without one,
            as the default is, goes on.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return frozenset(
        (contender, number)
        for contender, outcome in rung.items()
        for number in _below_median(outcome.scored)
    )


def _below_median(scored: Mapping[int, float]) -> Iterator[int]:
    """The trials, by number, that the pruner stops."""
    pruner = optuna.pruners.MedianPruner(n_startup_trials=0)
    study = optuna.create_study(direction="maximize", pruner=pruner)
    for score in scored.values():
        study.add_trial(optuna.create_trial(value=score, intermediate_values={0: score}))
    for number, trial in zip(scored, study.trials, strict=True):
        if pruner.prune(study, trial):
            yield number
