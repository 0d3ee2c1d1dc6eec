"""Settings of single rows of a table, beside those that a suite gives to all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmark.records.spec import Training


class Contender(NamedTuple):
    """A row of a suite's table in one column; what its repetitions have in common."""

    scenario: str
    dataset: str
    teacher_modality: str
    evaluated_modality: str
    method: str
    plugin: str


@dataclass(frozen=True)
class Configuration:
    """What a contender is trained with where that is not the suite's and the method's own.

    Its teacher is the suite's teacher, whatever stands here.

    Attributes:
        hyperparameters: of the method, by name.
        training: fields of `Training`.
    """

    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    def trained_with(self, training: Training) -> Training:
        """The suite's budget with what is otherwise here."""
        return Training(**{**dict(training), **self.training}) if self.training else training


AS_THE_SUITE_SAYS = Configuration()
Configurations = Mapping[Contender, Configuration]
NO_OWN: Configurations = MappingProxyType({})
