"""Draws the trials of a row from its search space."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.planning.config import MethodEntry
from benchmark.planning.configurations import Configuration
from benchmark.planning.search_space import SearchSpace
from core.lazy import lazy
from core.seeding import derive_seed
from methods.search_space import Choice, LogUniform

if TYPE_CHECKING:
    import optuna
else:
    optuna = lazy("optuna")

SEEDS = 2**32  # of NumPy's RandomState, which optuna draws with
DIGITS = 4  # of a drawn number, so that no machine's last bit makes another key


@dataclass(frozen=True)
class Trial:
    """One choice of values.

    Attributes:
        number: from 0, which is the default.
        values: by name, as in the search space; empty for the default.
        configuration: what the row is trained with.
    """

    number: int
    values: Mapping[str, Any]
    configuration: Configuration


def draw_trials(
    space: SearchSpace, entry: MethodEntry, plugin: str, number: int
) -> tuple[Trial, ...]:
    """The default, then random draws; of more trials the first ones are the same.

    They depend on the row's method, what its entry sets, and its plug-in: rows of several suites
    share trials where their spaces are the same.

    Args:
        space: of the row.
        entry: the row's method.
        plugin: its plug-in, or "none".
        number: of all trials, at least 1.
    """
    own = json.dumps(entry.hyperparameters, sort_keys=True, default=str)
    seed = derive_seed("tuning", entry.name, own, plugin) % SEEDS
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    distributions = {name: _distribution(space, name) for name in sorted(space.ranges)}
    trials = [Trial(0, {}, Configuration())]
    for position in range(1, number):
        drawn = study.ask(distributions).params
        values = {name: _value(space, name, drawn[name]) for name in space.ranges}
        trials.append(Trial(position, values, space.configuration(values)))
    return tuple(trials)


def _distribution(space: SearchSpace, name: str) -> optuna.distributions.BaseDistribution:
    range_ = space.ranges[name]
    if isinstance(range_, Choice):
        return optuna.distributions.IntDistribution(0, len(range_.values) - 1)
    logarithmic = isinstance(range_, LogUniform)
    if name in space.whole:
        low, high = round(range_.low), round(range_.high)
        return optuna.distributions.IntDistribution(low, high, log=logarithmic)
    return optuna.distributions.FloatDistribution(range_.low, range_.high, log=logarithmic)


def _value(space: SearchSpace, name: str, drawn: Any) -> Any:
    """What a drawn number stands for."""
    range_ = space.ranges[name]
    if isinstance(range_, Choice):
        return range_.values[drawn]
    if name in space.whole:
        return drawn
    return min(max(float(f"{drawn:.{DIGITS}g}"), range_.low), range_.high)
