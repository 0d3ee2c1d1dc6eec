"""Label smoothing: what a teacher without any knowledge gives (Szegedy et al., CVPR 2016).

A soft target helps a student even where it says nothing but "not so sure" (Yuan et al., CVPR 2020).
What a distilled student gains over this control is the teacher's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from core.lazy import lazy
from methods.base import Method
from methods.contract import Control, Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import supervised
    from methods.learners.base import Learner
else:
    supervised = lazy("methods.learners.supervised")


@register_method
class LabelSmoothing(Method):
    """STUDENT's network, cross-entropy with (1 - smoothing) * one-hot + smoothing / C.

    Source: Yuan et al. (CVPR 2020). It is augmented as the distilled students are under
    every protocol.
    """

    name = "label_smoothing"
    label = "label smoothing"
    kind = Kind.REFERENCE
    control = Control.ALL
    smoothing: Annotated[float, Field(ge=0, le=1), LogUniform(0.01, 0.5)] = 0.1

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        network = network_of(problem)
        return supervised.SupervisedLearner(network, self.smoothing)
