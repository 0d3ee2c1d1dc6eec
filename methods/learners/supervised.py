"""One network that learns from labels alone."""

from torch import Tensor, nn
from torch.nn import functional as F

from methods.base import Batch
from methods.learners.base import Learner
from methods.networks.branch import ModalityBranch
from methods.networks.classifier import Classifier
from methods.reference import ALL_MODALITIES


class SupervisedLearner(Learner):
    """A network over one or all modalities of the run, trained with cross-entropy."""

    def __init__(self, network: Classifier | ModalityBranch) -> None:
        super().__init__()
        self.network = network

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        return F.cross_entropy(self.network(batch.inputs), batch.target)

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        modalities = self.network.modalities
        return {modalities[0] if len(modalities) == 1 else ALL_MODALITIES: self.network}
