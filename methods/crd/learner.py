"""A student that tells, by its embedding, the teacher's of the same sample from others."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from methods.contract import Batch
from methods.crd.memory import ContrastMemory
from methods.learners.base import Learner
from methods.networks.classifier import Classifier


class CRDLearner(Learner):
    """The student, and the memory through which it is contrasted with its teacher.

    Args:
        student: the network that is trained and deployed, over one modality.
        memory: of all training samples; its layers are trained with the student.
        distillation_weight: factor on the contrastive loss.
        task_weight: weight of the cross-entropy.
    """

    def __init__(
        self,
        student: Classifier,
        memory: ContrastMemory,
        distillation_weight: float,
        task_weight: float,
    ) -> None:
        super().__init__()
        self.student = student
        self.memory = memory
        self._distillation_weight = distillation_weight
        self._task_weight = task_weight

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        if batch.samples is None:
            raise ValueError("CRD needs to know which samples its batch holds")
        features = self.student.features(batch.inputs)
        teacher = batch.teacher_features["embedding"]
        contrast = self.memory(features.embedding, teacher, batch.samples, batch.target)
        distillation: Tensor = self._distillation_weight * contrast
        task = self._task_weight * F.cross_entropy(features.logits, batch.target)
        self.note(distillation=distillation, task=task)
        return distillation + task

    def findings(self, term_curves: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
        """Whether there were too few negatives to draw each once."""
        negatives = self.memory.negatives
        if not negatives.repeats:
            return ()
        return (
            f"a class has fewer than {negatives.count} training samples outside it, so its "
            "negatives were drawn with replacement",
        )

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        (modality,) = self.student.modalities
        return {modality: self.student}
