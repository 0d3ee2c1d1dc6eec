"""What a run trains, as the engine sees it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from methods.contract import Batch


class Learner(nn.Module, ABC):
    """What one run trains: the networks, learned parameters of the loss, and the loss itself.

    What it remembers between epochs belongs into parameters, buffers or extra state: a training
    that was stopped goes on with those. What it remembers between steps belongs into parameters or
    buffers: on a GPU `loss` is recorded, and what Python does in it is not done again.

    Attributes:
        terms: what `loss` noted of its last batch, by name, each a scalar without gradient.
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms: dict[str, Tensor] = {}

    @abstractmethod
    def loss(self, batch: Batch, epoch: int) -> Tensor:
        """Scalar training loss of a batch; `epoch` counts from 0.

        It may `note` the terms that the loss is the sum of, and what else tells how training goes.
        """

    def note(self, **terms: Tensor) -> None:
        """Keep scalars of a batch, of which the record gets the mean over each epoch's samples.

        Every call of `loss` must note the same names. The values stay on the device, and must be
        finite, as the loss must.

        Raises:
            ValueError: a value is no scalar.
        """
        for name, value in terms.items():
            if value.ndim:
                raise ValueError(
                    f"the term '{name}' has the shape {tuple(value.shape)}, expected a scalar"
                )
            self.terms[name] = value.detach()

    def findings(self, term_curves: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
        """What the terms say of a finished training that its user should know, a sentence each.

        Runs are counted by sentence, so a sentence has no numbers that differ from run to run.

        Args:
            term_curves: name of a term -> its mean in each epoch, one epoch or more.
        """
        return ()

    def phase(self, epoch: int) -> int:
        """A number that is equal for epochs whose `loss` is the same function of the batch.

        On a GPU the loss is recorded anew where it changes. By default each epoch is a phase, which
        is always right; a learner that knows better saves some time.
        """
        return epoch

    @abstractmethod
    def deployments(self) -> dict[str, nn.Module]:
        """The networks to evaluate and keep, by the name of what they are evaluated on.

        Each maps a dict of modality -> images (B, C, H, W) to logits (B, classes) and has an
        attribute `modalities`, the names that it reads. Each has its own best checkpoint.
        """

    def probes(self) -> Mapping[str, Mapping[str, nn.Module]]:
        """Parts of deployed networks to evaluate besides: deployment -> name -> network.

        Each is a network like a deployed one, may use layers that are not deployed, and selects
        nothing. The names are those of the method's `probes`.
        """
        return {}
