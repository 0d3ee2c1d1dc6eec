"""What masked generative distillation trains beside the student: the generator."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from methods.masked_generative.loss import generation_loss, spatial_kd_loss
from methods.networks.precision import MixedPrecision, full_precision


class MaskedGenerator(MixedPrecision):
    """Makes the teacher's features of the student's, most of which are masked.

    Source: Yang et al. (ECCV 2022), section 3.1. The mask has one value per position, drawn anew
    in each forward pass from PyTorch's global random numbers.

    Args:
        channels: channels of the features, which student and teacher have alike.
        masked_share: probability of a position to be masked, in [0, 1].
    """

    def __init__(self, channels: int, masked_share: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, kernel_size=3, padding=1),
        )
        self._masked_share = masked_share

    def forward(self, features: Tensor) -> Tensor:
        """Map features (B, channels, h, w) to generated ones of that shape, float32."""
        batch, _, height, width = features.shape
        draws = torch.rand(batch, 1, height, width, device=features.device)
        kept = draws <= 1 - self._masked_share
        with self.autocast(features):
            return full_precision(self.layers(features * kept))


class MaskedGenerativeCriterion(nn.Module):
    """The generation term, and that of the logits where it has a weight.

    Args:
        generator: trained with the student.
        alpha: weight of `generation_loss`.
        alpha_reference_area: positions of the map that alpha is for, whatever the map at hand has;
            None to leave alpha as it is.
        logits_weight: weight of `spatial_kd_loss`; 0 for none.
        temperature: of that term.
    """

    def __init__(
        self,
        generator: MaskedGenerator,
        alpha: float,
        alpha_reference_area: int | None,
        logits_weight: float,
        temperature: float,
    ) -> None:
        super().__init__()
        self.generator = generator
        self._alpha = alpha
        self._alpha_reference_area = alpha_reference_area
        self._logits_weight = logits_weight
        self._temperature = temperature

    def forward(
        self, student: Mapping[str, Tensor], teacher: Mapping[str, Tensor], target: Tensor
    ) -> dict[str, Tensor]:
        """The weighted terms; see `FeatureDistillationMethod.distillation_terms`."""
        wanted = teacher["encoded"]
        alpha = self._alpha
        if self._alpha_reference_area is not None:
            alpha *= self._alpha_reference_area / wanted.shape[2:].numel()
        terms = {"generation": alpha * generation_loss(self.generator(student["encoded"]), wanted)}
        if self._logits_weight:
            logits = spatial_kd_loss(student["logits"], teacher["logits"], self._temperature)
            terms["logits"] = self._logits_weight * logits
        return terms
