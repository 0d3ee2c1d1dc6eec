"""A student that follows the logits of a frozen teacher."""

from torch import Tensor, nn
from torch.nn import functional as F

from methods.base import Batch, DistillationMethod
from methods.learners.base import Learner
from methods.networks.classifier import Classifier
from methods.plugins import Plugin


class FixedCriterion(nn.Module):
    """A distillation term without parameters of its own."""

    def __init__(self, method: DistillationMethod) -> None:
        super().__init__()
        self._method = method

    def forward(self, student: Tensor, teacher: Tensor, target: Tensor, epoch: int) -> Tensor:
        return self._method.distillation_loss(student, teacher, target, epoch)


class DistillationLearner(Learner):
    """The student, and the term that makes it follow the teacher."""

    def __init__(
        self, method: DistillationMethod, student: Classifier, plugin: Plugin | None
    ) -> None:
        super().__init__()
        self.student = student
        self.criterion = method.criterion()
        self._method = method
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
        if weight := self._method.task_weight:
            loss = loss + weight * F.cross_entropy(raw_logits, batch.target)
        return loss

    def phase(self, epoch: int) -> int:
        return self._method.phase(epoch)

    def deployments(self) -> dict[str, nn.Module]:
        (modality,) = self.student.modalities
        return {modality: self.student}
