"""The base of methods whose student follows features of the teacher, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.lazy import lazy, torch
from methods.base import DistillationMethod
from methods.contract import Problem
from methods.plugins import Plugin
from methods.targets import cross_entropy
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import feature_distillation as training
    from methods.learners.base import Learner
else:
    training = lazy("methods.learners.feature_distillation")


@dataclass(frozen=True)
class FeatureDistillationMethod(DistillationMethod):
    """A student that follows logits and features of a frozen teacher.

    The loss is `task_weight` * `task_loss` + the distillation terms. A plug-in changes the logits
    of the distillation terms and leaves those of the task's loss alone; where `distils_logits` is
    false there is none.
    """

    def task_loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The loss of the student's own logits on the targets, a scalar.

        Args:
            logits: (B, C), or (B, C, H, W) in segmentation, float32.
            target: class indices, (B,), or (B, H, W) with some `IGNORED`.
        """
        return cross_entropy(logits, target)

    def distillation_terms(
        self,
        student: Mapping[str, torch.Tensor],
        teacher: Mapping[str, torch.Tensor],
        target: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """The terms that make the student follow the teacher, weighted, each a scalar.

        Args:
            student: its features by the names of `ClassifierFeatures`, or of `SegmenterFeatures`.
            teacher: "logits" and what `teacher_needs` names, without gradient.
            target: class indices, (B,), or (B, H, W) with some `IGNORED`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} defines neither distillation_terms nor terms_module"
        )

    def terms_module(self, problem: Problem, student: torch.nn.Module) -> torch.nn.Module | None:
        """What computes the terms in place of `distillation_terms`, if it learns parameters.

        Its forward takes the arguments of that, and its parameters are trained by the student's
        optimiser.

        Args:
            problem: of the student.
            student: the network that is trained.
        """
        return None

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        student = network_of(problem)
        module = self.terms_module(problem, student)
        return training.FeatureDistillationLearner(
            student, self._weighted_task, module or self.distillation_terms, plugin
        )

    def _weighted_task(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return self.task_weight * self.task_loss(logits, target)
