"""A control of CroDiNo-KD: the network that it deploys, trained on its one modality alone.

CroDiNo-KD's branch has a projection that the other students lack, and fewer parameters. A gain over
the single-modality network can therefore be the other modality's or the projection's; this
reference has the projection without the modality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import SEGMENTATION, Kind, Problem
from methods.plugins import Plugin
from methods.registry import register_method

if TYPE_CHECKING:
    from methods.crodino_kd import network as crodino_network
    from methods.learners import supervised
    from methods.learners.base import Learner
else:
    crodino_network = lazy("methods.crodino_kd.network")
    supervised = lazy("methods.learners.supervised")


@register_method
class SingleProjected(Method):
    """CroDiNo-KD's branch with cross-entropy alone, from the weights that it starts from there."""

    name = "single_projected"
    label = "single-modality, equal capacity"
    kind = Kind.REFERENCE
    tasks = frozenset({SEGMENTATION})

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        (modality,) = problem.modalities
        return supervised.SupervisedLearner(crodino_network.build_branch(problem, modality))
