"""STUDENT and TEACHER: one network trained with cross-entropy alone.

TEACHER of a cross-modal pair is this method on the teacher's modality, the multi-modal TEACHER is
it on all modalities, STUDENT is it on the student's: equal networks are equal runs, shared
between tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.lazy import lazy
from methods.base import Method
from methods.contract import CLASSIFICATION, SEGMENTATION, Kind, Problem, deployment_name
from methods.plugins import Plugin
from methods.registry import register_method
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import coupled, supervised
    from methods.learners.base import Learner
else:
    coupled = lazy("methods.learners.coupled")
    supervised = lazy("methods.learners.supervised")


@register_method
class Reference(Method):
    """The task's network over the run's modalities.

    In classification embeddings are added. Source: DisCoM-KD, section 4.

    `together` names the modalities of two or more networks that are trained at once instead, the
    logits of each pair drawn towards each other: the teachers of methods with `joint_teacher`.
    """

    name = "reference"
    label = "reference"
    kind = Kind.REFERENCE
    tasks = frozenset({CLASSIFICATION, SEGMENTATION})
    later_fields = frozenset({"together"})
    together: tuple[tuple[str, ...], ...] = ()

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        if self.together:
            return coupled.CoupledLearner(
                {
                    deployment_name(names): network_of(
                        replace(problem, channels={name: problem.channels[name] for name in names})
                    )
                    for names in self.together
                }
            )
        return supervised.SupervisedLearner(network_of(problem))
