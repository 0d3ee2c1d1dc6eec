"""Networks that are trained apart and deployed together."""

from collections.abc import Sequence

from torch import Tensor, nn

from methods.contract import Batch
from methods.learners.supervised import SupervisedLearner
from methods.networks.averaging import Averaging
from methods.targets import cross_entropy


class EnsembleLearner(SupervisedLearner):
    """Networks of the same modalities, each trained with cross-entropy as if it were alone.

    Args:
        members: one or more, each as `Learner.deployments` describes it.
    """

    network: Averaging

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__(Averaging(members))

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        first, *others = (
            cross_entropy(member(batch.inputs), batch.target) for member in self.network.members
        )
        loss = sum(others, start=first)  # not their mean: each gets the gradients of its own loss
        self.note(task=loss)
        return loss
