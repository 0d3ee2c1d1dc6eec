"""The encoder of several modalities: ACNet, attention between branches that are fused."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks.precision import MixedPrecision
from methods.networks.segmentation.encoder import DilatedResNet, Encoded, dilated_stages
from methods.networks.segmentation.settings import SegmenterSettings
from methods.networks.segmentation.weights import residual_network


class AttentionComplementaryModule(nn.Module):
    """Weights the channels of a map (B, C, h, w) by sigmoid(W mean(map) + b), each in (0, 1).

    Source: Hu et al. (ICIP 2019), section 2.1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, kernel_size=1)
        nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu")

    def forward(self, maps: Tensor) -> Tensor:
        means = F.adaptive_avg_pool2d(maps, 1)
        return torch.sigmoid(self.convolution(means)) * maps


class FusionEncoder(MixedPrecision):
    """A branch per modality, and one without a stem that fuses what they compute, stage by stage.

    Source: Hu et al. (ICIP 2019): m_0 = sum of A(x_0), m_l = stage_l(m_{l-1}) + sum of A(x_l), with
    the modalities' maps x_l and an attention A of its own for each modality and stage. All branches
    start from the same weights.

    Args:
        branches: one encoder per modality.
        settings: as those of the branches.

    Attributes:
        widths: channels of the stem's map and of those of the four stages.
    """

    def __init__(self, branches: Sequence[DilatedResNet], settings: SegmenterSettings) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        network = residual_network(settings.backbone, settings.weights)
        self.pool = network.maxpool
        self.stages = dilated_stages(network, settings.output_stride)
        self.widths = branches[0].widths
        self.attention = nn.ModuleList(
            nn.ModuleList(AttentionComplementaryModule(width) for width in self.widths)
            for _ in branches
        )

    def forward(self, *images: Tensor) -> Encoded:
        """Map images (B, channels, H, W) of each modality, float32, to the fused maps."""
        with self.autocast(images[0]):
            maps = [branch.stem(given) for branch, given in self._branches(images)]
            fused = self.pool(self._attend(maps, 0))
            maps = [self.pool(values) for values in maps]
            levels = []
            for level, stage in enumerate(self.stages):
                maps = [branch.stages[level](values) for branch, values in self._branches(maps)]
                fused = stage(fused) + self._attend(maps, level + 1)
                levels.append(fused)
            return Encoded(deep=levels[-1], skip=levels[0])

    def _branches(self, values: Sequence[Tensor]) -> list[tuple[DilatedResNet, Tensor]]:
        return list(zip(self.branches, values, strict=True))  # type: ignore[arg-type]

    def _attend(self, maps: Sequence[Tensor], level: int) -> Tensor:
        attended: list[Tensor] = [
            attention[level](values)  # type: ignore[index]
            for attention, values in zip(self.attention, maps, strict=True)
        ]
        return sum(attended[1:], start=attended[0])
