"""What tuning may change of a row: what all rows share, and what its method declares."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from benchmark.planning.config import MethodEntry, Suite
from benchmark.planning.configurations import Configuration
from benchmark.planning.method_settings import method_of
from benchmark.records.spec import Training
from core.errors import UserError, nearest_names
from methods import METHODS
from methods.search_space import LogUniform, Range, Uniform, declared_space, whole_numbers

LEARNING_RATE = "learning_rate"
WEIGHT_DECAY = "weight_decay"
EPOCH_SHARE = "epoch_share"
SHARED = (LEARNING_RATE, WEIGHT_DECAY, EPOCH_SHARE)


@dataclass(frozen=True)
class SearchSpace:
    """What the trials of a row choose from.

    Attributes:
        ranges: name -> what it may be; those of `SHARED`, then the method's own.
        whole: those of them that are whole numbers.
        defaults: what they are without tuning.
        training: the suite's budget, which the shared ones change.
    """

    ranges: Mapping[str, Range]
    whole: frozenset[str]
    defaults: Mapping[str, Any]
    training: Training

    def configuration(self, values: Mapping[str, Any]) -> Configuration:
        """What a row is trained with where its names have these values; none is the default."""
        own = {name: value for name, value in values.items() if name not in SHARED}
        training = {name: values[name] for name in (LEARNING_RATE, WEIGHT_DECAY) if name in values}
        if EPOCH_SHARE in values:
            training |= self.epochs(values[EPOCH_SHARE])
        return Configuration(own, training)

    def epochs(self, share: float) -> dict[str, int]:
        """A share of the suite's epochs, and of those in which the learning rate grows."""
        epochs = max(round(share * self.training.epochs), 1)
        warm_up = self.training.warm_up_epochs
        if warm_up is None:
            return {"epochs": epochs}
        return {"epochs": epochs, "warm_up_epochs": min(round(share * warm_up), epochs - 1)}


def search_space(suite: Suite, entry: MethodEntry, training: Training) -> SearchSpace:
    """The search space of one method of a suite.

    What the entry sets is the row's own and is not tuned, nor is what its method does not declare.

    Args:
        suite: its `search_space` replaces single ranges.
        entry: the method; that of STUDENT has the shared ones alone.
        training: the suite's budget, its gaps filled.

    Raises:
        UserError: a range with nothing in it, or with values that cannot be trained with.
    """
    method = METHODS.get(entry.name)
    ranges: dict[str, Range] = {
        LEARNING_RATE: LogUniform(training.learning_rate / 10, training.learning_rate * 10),
        WEIGHT_DECAY: LogUniform(1e-3, 1.0),  # AdamW's acts times the learning rate
        EPOCH_SHARE: Uniform(0.5, 1.0),
        **declared_space(method),
    }
    for name, given in suite.search_space.items():
        name = name.removeprefix(f"{entry.name}.")
        if "." not in name:  # else another method's
            ranges[name] = given.content
    ranges = {name: one for name, one in ranges.items() if name not in entry.hyperparameters}
    for name, one in ranges.items():
        _check(suite, entry, name, one)
    made = method_of(entry, suite.protocol)
    shared = {**dict(training), EPOCH_SHARE: 1.0}
    defaults = {name: shared[name] if name in SHARED else getattr(made, name) for name in ranges}
    return SearchSpace(ranges, frozenset(whole_numbers(method)), defaults, training)


def require_search_space(suite: Suite) -> None:
    """Raise UserError where the suite gives a range to what nothing is called."""
    if not suite.search_space:
        return
    known = [*SHARED]
    for method in METHODS:
        known += [f"{method}.{field.name}" for field in fields(METHODS.get(method))]
    for name in suite.search_space:
        if name not in known:
            raise UserError(
                f"suite {suite.name}: the search space has '{name}': {nearest_names(name, known)}"
            )


def _check(suite: Suite, entry: MethodEntry, name: str, range_: Range) -> None:
    """Raise UserError for a range that no trial can be drawn from, or trained with."""
    where = f"suite {suite.name}: the search space of '{name}'"
    if name not in SHARED:
        where += f" of method '{entry.name}'"
    if problem := range_.problem():
        raise UserError(f"{where} {problem}")
    for value in range_.extremes:
        if name in SHARED:
            _check_shared(where, name, value)
            continue
        changed = {**entry.hyperparameters, name: value}
        try:
            method_of(entry.model_copy(update={"hyperparameters": changed}), suite.protocol)
        except UserError as error:
            raise UserError(f"{where} holds {value!r}: {error}") from None


def _check_shared(where: str, name: str, value: Any) -> None:
    """Raise UserError for a value that no budget can have."""
    highest = 1.0 if name == EPOCH_SHARE else math.inf
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    above = is_number and (value > 0 or (name == WEIGHT_DECAY and value == 0))
    if not above or value > highest:
        expected = {
            LEARNING_RATE: "numbers above 0",
            WEIGHT_DECAY: "numbers from 0",
            EPOCH_SHARE: "shares of the suite's epochs, above 0 and up to 1",
        }
        raise UserError(f"{where} holds {value!r}, expected {expected[name]}; change it")
