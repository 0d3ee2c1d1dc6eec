"""What FitNet trains beside the student: the regressor from its map to the teacher's."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F


class HintCriterion(nn.Module):
    """Mean squared difference of the teacher's map and of what a regressor makes of the student's.

    Source: Romero et al. (ICLR 2015), without the factor 1/2 and as a mean over all
    elements. The regressor is a 1x1 convolution, BN and ReLU, as its reimplementations have it
    where both maps have one size; it computes in float32.

    Args:
        channels: of the student's and of the teacher's map.
        name: of the maps, as `EncoderFeatures` has it.
        weight: factor on the term.
    """

    def __init__(self, channels: tuple[int, int], name: str, weight: float) -> None:
        super().__init__()
        _, teacher = channels
        self.regressor = nn.Sequential(
            nn.Conv2d(*channels, kernel_size=1), nn.BatchNorm2d(teacher), nn.ReLU()
        )
        self._name = name
        self._weight = weight

    def forward(
        self, student: Mapping[str, Tensor], teacher: Mapping[str, Tensor], target: Tensor
    ) -> dict[str, Tensor]:
        """The weighted term; see `FeatureDistillationMethod.distillation_terms`."""
        difference = F.mse_loss(self.regressor(student[self._name]), teacher[self._name])
        return {"distillation": self._weight * difference}
