"""One network that learns from labels alone."""

from torch import Tensor, nn

from methods.contract import Batch, deployment_name
from methods.learners.base import Learner
from methods.networks.properties import modalities_of
from methods.targets import cross_entropy


class SupervisedLearner(Learner):
    """A network over one or all modalities of the run, trained with cross-entropy.

    Args:
        network: as `Learner.deployments` describes it.
        label_smoothing: the share of each target that all classes get in equal parts, in [0, 1].
    """

    def __init__(self, network: nn.Module, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.network = network
        self._label_smoothing = label_smoothing

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        logits = self.network(batch.inputs)
        loss = cross_entropy(logits, batch.target, label_smoothing=self._label_smoothing)
        self.note(task=loss)
        return loss

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return {deployment_name(modalities_of(self.network)): self.network}
