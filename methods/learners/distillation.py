"""A student that follows the logits of a frozen teacher."""

from collections.abc import Callable

from torch import Tensor, nn

from methods.contract import Batch
from methods.learners.base import Learner
from methods.networks.properties import modalities_of
from methods.plugins import Plugin
from methods.targets import cross_entropy


class FixedCriterion(nn.Module):
    """A distillation term without parameters of its own.

    Args:
        term: maps student logits (B, C), teacher logits (B, C), class indices (B,) and the epoch
            to a scalar; in segmentation (B, C, H, W), likewise, and (B, H, W).
    """

    def __init__(self, term: Callable[[Tensor, Tensor, Tensor, int], Tensor]) -> None:
        super().__init__()
        self._term = term

    def forward(self, student: Tensor, teacher: Tensor, target: Tensor, epoch: int) -> Tensor:
        return self._term(student, teacher, target, epoch)


class DistillationLearner(Learner):
    """The student, and the term that makes it follow the teacher.

    Args:
        student: the network that is trained and deployed, over one modality.
        criterion: the distillation term; called as `FixedCriterion` is.
        task_weight: weight of the cross-entropy on the student's own logits.
        phase: as `Learner.phase`, of the distillation term.
        plugin: changes the logits of the distillation term; None for none.
    """

    def __init__(
        self,
        student: nn.Module,
        criterion: nn.Module,
        task_weight: float,
        phase: Callable[[int], int],
        plugin: Plugin | None,
    ) -> None:
        super().__init__()
        self.student = student
        self.criterion = criterion
        self._task_weight = task_weight
        self._phase = phase
        self._plugin = plugin

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        if batch.teacher_logits is None:
            raise ValueError("a distillation method needs teacher logits in its batch")
        raw_logits = self.student(batch.inputs)
        student_logits, teacher_logits = raw_logits, batch.teacher_logits
        if self._plugin is not None:
            student_logits = self._plugin.transform(student_logits)
            teacher_logits = self._plugin.transform(teacher_logits)
        loss: Tensor = self.criterion(student_logits, teacher_logits, batch.target, epoch)
        self.note(distillation=loss)
        if self._task_weight:
            task = self._task_weight * cross_entropy(raw_logits, batch.target)
            self.note(task=task)
            loss = loss + task
        return loss

    def phase(self, epoch: int) -> int:
        return self._phase(epoch)

    def deployments(self) -> dict[str, nn.Module]:
        (modality,) = modalities_of(self.student)
        return {modality: self.student}
