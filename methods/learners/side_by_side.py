"""Networks of several modalities that share a batch and nothing else."""

from collections.abc import Mapping

from torch import Tensor, nn

from methods.contract import Batch
from methods.learners.base import Learner
from methods.targets import cross_entropy


class SideBySideLearner(Learner):
    """A network per modality, each trained with cross-entropy on its own view of a batch.

    No term couples them: each trains as it would alone.

    Args:
        networks: modality -> network, as `Learner.deployments` describes it.
    """

    def __init__(self, networks: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleDict(networks)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        first, *others = (
            cross_entropy(network(batch.inputs), batch.targets[name])
            for name, network in self.networks.items()
        )
        loss = sum(others, start=first)
        self.note(task=loss)
        return loss

    def phase(self, epoch: int) -> int:
        return 0

    def deployments(self) -> dict[str, nn.Module]:
        return dict(self.networks.items())
