"""Segmentation networks as they are deployed: one encoder, or the fused ones of a teacher."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from torch import Tensor, nn

from methods.contract import Problem
from methods.networks.initialisation import initial_weights
from methods.networks.precision import full_precision
from methods.networks.segmentation.decoder import Decoded, Decoder, atrous_rates
from methods.networks.segmentation.encoder import DilatedResNet
from methods.networks.segmentation.fusion import FusionEncoder
from methods.networks.segmentation.settings import SegmenterSettings


class SegmenterFeatures(NamedTuple):
    """What a segmentation network computes of images (B, channels, H, W), all float32.

    Attributes:
        logits: (B, classes, H, W).
        pre_logits: (B, 256, h, w), the decoder's map before its last convolution.
        encoded: (B, C, h', w'), the encoder's output.
    """

    logits: Tensor
    pre_logits: Tensor
    encoded: Tensor


class Segmenter(nn.Module):
    """DeepLabV3+ over one modality, or over the fused branches of several.

    Source: the CroDiNo-KD paper, "Implementation details" and figure 2.

    Args:
        modalities: the names that it reads, in the encoder's order.
        encoder: maps their images to the maps that the decoder reads.
        decoder: maps those to logits.
    """

    def __init__(
        self, modalities: Sequence[str], encoder: DilatedResNet | FusionEncoder, decoder: Decoder
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.encoder = encoder
        self.decoder = decoder

    def features(self, inputs: Mapping[str, Tensor]) -> SegmenterFeatures:
        """Map modality -> images (B, channels, H, W), float32, to logits and what leads there."""
        (logits, pre_logits), deep = self._compute(inputs)
        return SegmenterFeatures(logits, full_precision(pre_logits), full_precision(deep))

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Map modality -> images (B, channels, H, W), float32, to logits (B, classes, H, W)."""
        decoded, _ = self._compute(inputs)
        return decoded.logits

    def _compute(self, inputs: Mapping[str, Tensor]) -> tuple[Decoded, Tensor]:
        """What the decoder computes, and the encoder's output."""
        images = [inputs[name] for name in self.modalities]
        deep, skip = self.encoder(*images)
        return self.decoder(deep, skip, images[0].shape[2:]), deep


def build_segmenter(problem: Problem) -> Segmenter:
    """Build the network over the problem's modalities with the initial weights of its seed.

    The same modalities, classes, settings and seed give the same weights in every method.

    Raises:
        UserError: ImageNet weights are asked for and cannot be had.
    """
    settings = SegmenterSettings(**problem.network)
    branches = []
    for modality, channels in problem.channels.items():
        branches.append(build_encoder(modality, channels, settings, problem.seed))
    encoder: DilatedResNet | FusionEncoder = branches[0]
    if len(branches) > 1:
        with initial_weights(problem.seed, "fusion", *problem.channels):
            encoder = FusionEncoder(branches, settings)
    with initial_weights(problem.seed, "decoder", *problem.channels):
        _, skip_channels, *_, deep_channels = encoder.widths
        rates = atrous_rates(settings.output_stride)
        decoder = Decoder(deep_channels, skip_channels, problem.num_classes, rates)
    return Segmenter(problem.modalities, encoder, decoder)


def build_encoder(
    modality: str, channels: int, settings: SegmenterSettings, seed: int
) -> DilatedResNet:
    """Build the encoder of a modality; equal in every method that uses one."""
    with initial_weights(seed, "encoder", modality):
        return DilatedResNet(channels, settings)
