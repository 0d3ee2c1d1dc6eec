"""STUDENT and TEACHER: one network trained with cross-entropy alone.

TEACHER of a cross-modal pair is this method on the teacher's modality, the multi-modal TEACHER is
it on all modalities, STUDENT is it on the student's: equal networks are equal runs, shared
between tables.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from methods.base import Batch, Kind, Learner, Method, Problem
from methods.networks.classifier import Classifier, build_classifier
from methods.plugins import Plugin
from methods.registry import register_method

ALL_MODALITIES = "ALL"


@register_method
class Reference(Method):
    """A classifier over the run's modalities, embeddings added. Source: DisCoM-KD, section 4."""

    name = "reference"
    label = "reference"
    kind = Kind.REFERENCE

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return _ReferenceLearner(
            build_classifier(problem.channels, problem.num_classes, problem.seed)
        )


class _ReferenceLearner(Learner):
    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        return F.cross_entropy(self.classifier(batch.inputs), batch.target)

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        modalities = self.classifier.modalities
        return {modalities[0] if len(modalities) == 1 else ALL_MODALITIES: self.classifier}
