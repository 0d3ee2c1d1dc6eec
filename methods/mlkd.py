"""MLKD: multi-level logit distillation (Jin et al., CVPR 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from core.lazy import F, lazy, torch
from methods.base import DistillationMethod
from methods.contract import Problem
from methods.kd import kd_loss
from methods.plugins import Plugin
from methods.registry import register_method
from methods.search_space import LogUniform
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import distillation
    from methods.learners.base import Learner
else:
    distillation = lazy("methods.learners.distillation")

Divergence = Literal["kd_loss", "released"]
Standardization = Literal["all_terms", "instance_term"]
TEMPERATURES = (2.0, 3.0, 4.0, 5.0, 6.0)


def mlkd_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperatures: Sequence[float] = TEMPERATURES,
    divergence: Divergence = "kd_loss",
    instance_logits: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Instance, batch and class level distillation, summed over temperatures.

    Source: Jin et al. (CVPR 2023), equations 3 to 8. With P = softmax(logits / T), each T adds
    kd_loss + |P_s P_s' - P_t P_t'|_F^2 / B + |P_s' P_s - P_t' P_t|_F^2 / C.

    Args:
        student_logits: (B, C).
        teacher_logits: (B, C).
        temperatures: the temperatures summed over, each > 0.
        divergence: the instance level's measure. "released" is what the code released with
            DisCoM-KD computes: the mean over elements of P_s (log P_s - P_t), without T^2. It is
            no divergence and can be negative.
        instance_logits: the student's and the teacher's (B, C) for the instance level, where they
            are others than for the two correlation levels; None for the same.

    Returns:
        Scalar.
    """
    batch, classes = student_logits.shape
    instance_student, instance_teacher = instance_logits or (student_logits, teacher_logits)
    total = student_logits.new_zeros(())
    for temperature in temperatures:
        student = torch.softmax(student_logits / temperature, dim=1)
        teacher = torch.softmax(teacher_logits / temperature, dim=1)
        if divergence == "kd_loss":
            instance_level = kd_loss(instance_student, instance_teacher, temperature)
        else:
            # Where the logits are the same, so are the probabilities: their gradients add up there.
            one, other = student, teacher
            if instance_logits is not None:
                one = torch.softmax(instance_student / temperature, dim=1)
                other = torch.softmax(instance_teacher / temperature, dim=1)
            instance_level = F.kl_div(other, one, reduction="none").mean()
        batch_level = (student @ student.T - teacher @ teacher.T).square().sum() / batch
        class_level = (student.T @ student - teacher.T @ teacher).square().sum() / classes
        total = total + instance_level + batch_level + class_level
    return total


@register_method
class MLKD(DistillationMethod):
    """CE + mlkd_loss over temperatures 2 to 6.

    With a plug-in, `standardization` says which levels see the logits that it changed: all, or the
    instance level alone.
    """

    name = "mlkd"
    label = "MLKD"
    switches = {"mlkd_divergence": "divergence", "mlkd_standardization": "standardization"}
    later_fields = frozenset({"standardization"})
    temperatures: tuple[float, ...] = TEMPERATURES
    divergence: Divergence = "kd_loss"
    standardization: Standardization = "all_terms"
    task_weight: Annotated[float, LogUniform(0.1, 10)] = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        return mlkd_loss(student_logits, teacher_logits, self.temperatures, self.divergence)

    def phase(self, epoch: int) -> int:
        return 0

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        if plugin is None or self.standardization == "all_terms":
            return super().learner(problem, plugin)
        student = network_of(problem)
        criterion = distillation.FixedCriterion(partial(self._with_plain_correlations, plugin))
        return distillation.DistillationLearner(
            student, criterion, self.task_weight, self.phase, None
        )

    def _with_plain_correlations(
        self,
        plugin: Plugin,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        changed = plugin.transform(student_logits), plugin.transform(teacher_logits)
        return mlkd_loss(
            student_logits, teacher_logits, self.temperatures, self.divergence, changed
        )
