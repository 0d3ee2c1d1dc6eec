"""Self-distillation: the teacher has the student's modality, and knows nothing of another one.

A student can gain from a teacher that is no better than itself (Furlanello et al., ICML 2018). What
a distilled student gains over this control is the other modality's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from methods.contract import Control, Problem
from methods.kd import KDv2
from methods.plugins import Plugin
from methods.registry import register_method
from methods.tasks import another_start

if TYPE_CHECKING:
    from methods.learners.base import Learner


@register_method
class SelfDistillation(KDv2):
    """KDv2 with the STUDENT of the same repetition as teacher.

    Source: Furlanello et al. (ICML 2018), one generation. As there, the student starts from other
    weights than its teacher, which is the reference network of the modality. It has KDv2's loss,
    since that learns from labels and teacher, as most methods do; `distillation_weight` 1 and
    `task_weight` 0 make it the control of KDv1.
    """

    name = "self_distillation"
    label = "self-distillation"
    control = Control.ALL
    own_teacher = True

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return super().learner(another_start(problem), plugin)
