"""C2KD as a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from core.lazy import lazy
from methods.base import Method
from methods.contract import Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import Uniform

if TYPE_CHECKING:
    from methods.c2kd import learner as training
    from methods.learners.base import Learner
else:
    training = lazy("methods.c2kd.learner")


@register_method
class C2KD(Method):
    """Joint training of one classifier per modality, each with a proxy; no frozen teacher.

    The modalities of a sample are augmented alike, and each selects its own checkpoint. A sample
    counts between two modalities where Kendall's tau of their proxies is above `threshold`.
    """

    name = "c2kd"
    label = "C2KD"
    kind = Kind.JOINT
    threshold: Annotated[float, Uniform(-0.5, 0.5)] = 0.0

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return training.C2KDLearner(problem, self.threshold)
