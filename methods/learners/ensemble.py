"""Networks that are trained apart and deployed together."""

from collections.abc import Sequence

from torch import Tensor, nn

from methods.contract import Batch, deployment_name
from methods.learners.base import Learner
from methods.networks.averaging import Averaging
from methods.networks.properties import modalities_of
from methods.targets import cross_entropy


class EnsembleLearner(Learner):
    """Networks of the same modalities, each trained with cross-entropy as if it were alone.

    Args:
        members: one or more, each as `Learner.deployments` describes it.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.network = Averaging(members)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        first, *others = (
            cross_entropy(member(batch.inputs), batch.target) for member in self.network.members
        )
        loss = sum(others, start=first)  # not their mean: each gets the gradients of its own loss
        self.note(task=loss)
        return loss

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return {deployment_name(modalities_of(self.network)): self.network}
