"""Modality dropout as a method: how often a modality is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from core.lazy import lazy
from methods.base import Method
from methods.contract import Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import Uniform

if TYPE_CHECKING:
    from methods.learners.base import Learner
    from methods.modality_dropout import learner as training
else:
    training = lazy("methods.modality_dropout.learner")


@register_method
class ModalityDropout(Method):
    """One network of all modalities, evaluated on each subset of them; no distillation.

    With `rate: 0` it is trained as the multi-modal TEACHER is: what a network of all modalities is
    worth where some are missing. With more it learns to do without (Neverova et al., TPAMI 2016).
    The network is the multi-modal TEACHER's in both; see `ModalityDropoutLearner`.
    """

    name = "modality_dropout"
    label = "modality dropout"
    kind = Kind.JOINT
    rate: Annotated[float, Field(ge=0, lt=1), Uniform(0.1, 0.7)] = 0.5

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return training.ModalityDropoutLearner(problem, self.rate)
