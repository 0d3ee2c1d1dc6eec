"""STUDENT x2: the network that DisCoM-KD deploys, trained on its one modality alone.

DisCoM-KD deploys two encoders, every other student one. A gain over STUDENT can therefore be the
second modality's or the second encoder's; this reference has the encoder without the modality.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from methods.base import Batch, Kind, Learner, Method, Problem
from methods.networks.branch import ModalityBranch, Projection, build_branch
from methods.plugins import Plugin
from methods.registry import register_method


@register_method
class StudentX2(Method):
    """Two encoders and DisCoM-KD's task head on [z_inv ; z_inf], cross-entropy alone.

    It starts from the weights that DisCoM-KD's branch of the modality starts from, and is augmented
    as the distilled students are under every protocol.
    """

    name = "student_x2"
    label = "STUDENT x2"
    kind = Kind.REFERENCE
    encoders_per_modality = 2
    switches = {"projection": "projection"}
    projection: Projection = "linear"

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        ((modality, channels),) = problem.channels.items()
        return _BranchLearner(
            build_branch(modality, channels, problem.num_classes, self.projection, problem.seed)
        )


class _BranchLearner(Learner):
    def __init__(self, branch: ModalityBranch) -> None:
        super().__init__()
        self.branch = branch

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        return F.cross_entropy(self.branch(batch.inputs), batch.target)

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        (modality,) = self.branch.modalities
        return {modality: self.branch}
