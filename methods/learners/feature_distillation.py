"""A student that follows what a frozen teacher computes on the way to its logits."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from methods.contract import Batch
from methods.learners.base import Learner
from methods.networks.properties import features_of, modalities_of
from methods.plugins import Plugin

# What a network computes of a batch, by the names of its `features`.
Features = Mapping[str, Tensor]


class FeatureDistillationLearner(Learner):
    """The student, its loss on the targets, and the terms that make it follow the teacher.

    Args:
        student: the network that is trained and deployed, over one modality.
        task: maps the student's logits and class indices to a scalar, weighted.
        criterion: maps the features of the student, those of the teacher, of which there are the
            logits and what the method needs besides, and class indices to the weighted terms by
            name. If it is a module, it is trained with the student.
        plugin: changes the logits that the criterion gets; None for none.
    """

    def __init__(
        self,
        student: nn.Module,
        task: Callable[[Tensor, Tensor], Tensor],
        criterion: Callable[[Features, Features, Tensor], dict[str, Tensor]],
        plugin: Plugin | None,
    ) -> None:
        super().__init__()
        self.student = student
        self.criterion = criterion
        self._task = task
        self._plugin = plugin

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        if batch.teacher_logits is None:
            raise ValueError("a distillation method needs teacher logits in its batch")
        student: Features = features_of(self.student, batch.inputs)
        teacher: Features = {"logits": batch.teacher_logits, **batch.teacher_features}
        task = self._task(student["logits"], batch.target)
        terms = self.criterion(self._changed(student), self._changed(teacher), batch.target)
        self.note(task=task, **terms)
        return sum(terms.values(), start=task)

    def _changed(self, features: Features) -> Features:
        if self._plugin is None:
            return features
        return {**features, "logits": self._plugin.transform(features["logits"])}

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        (modality,) = modalities_of(self.student)
        return {modality: self.student}
