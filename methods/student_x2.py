"""STUDENT x2: the network that DisCoM-KD deploys, trained on its one modality alone.

DisCoM-KD deploys two encoders, every other student one. A gain over STUDENT can therefore be the
second modality's or the second encoder's; this reference has the encoder without the modality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import Control, Kind, Problem, Projection
from methods.plugins import Plugin
from methods.registry import register_method

if TYPE_CHECKING:
    from methods.discom_kd import network as discom_network
    from methods.learners import supervised
    from methods.learners.base import Learner
else:
    discom_network = lazy("methods.discom_kd.network")
    supervised = lazy("methods.learners.supervised")


@register_method
class StudentX2(Method):
    """Two encoders and DisCoM-KD's task head on [z_inv ; z_inf], cross-entropy alone.

    It starts from the weights that DisCoM-KD's branch of the modality starts from, and is augmented
    as the distilled students are under every protocol.
    """

    name = "student_x2"
    label = "STUDENT x2"
    kind = Kind.REFERENCE
    control = Control.ALL
    encoders_per_modality = 2
    switches = {"projection": "projection"}
    projection: Projection = "linear"

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        (modality,) = problem.modalities
        branch = discom_network.build_branch(problem, modality, self.projection)
        return supervised.SupervisedLearner(branch)
