"""What CroDiNo-KD deploys for one modality: an encoder, a projection and a decoder."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from methods.contract import Problem
from methods.networks.initialisation import initial_weights
from methods.networks.precision import MixedPrecision, full_precision
from methods.networks.segmentation.decoder import Decoder, atrous_rates
from methods.networks.segmentation.encoder import DilatedResNet
from methods.networks.segmentation.segmenter import build_encoder
from methods.networks.segmentation.settings import SegmenterSettings


@dataclass(frozen=True)
class Halves:
    """What one modality's batch is encoded to.

    Attributes:
        invariant: what both modalities are to see (B, D, h, w), float32, not negative.
        specific: what this one alone sees, the same shape.
        skip: the encoder's first map, for decoders.
    """

    invariant: Tensor
    specific: Tensor
    skip: Tensor


class Projection(MixedPrecision):
    """A 1x1 convolution, batch normalisation and ReLU. Source: the paper's footnote 1."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel_size=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )
        nn.init.kaiming_normal_(self.layers[0].weight, nonlinearity="relu")  # type: ignore[arg-type]

    def forward(self, maps: Tensor) -> Tensor:
        """Map (B, inputs, h, w) to (B, outputs, h, w), float32."""
        with self.autocast(maps):
            projected: Tensor = self.layers(maps)
        return full_precision(projected)


class ModalityBranch(nn.Module):
    """What is deployed for one modality. Source: the CroDiNo-KD paper, figure 1.

    The encoder's channels are projected to half as many (2048 to 1024), of which the first half is
    the invariant part and the second the specific one; the decoder reads both.
    """

    def __init__(
        self, modality: str, encoder: DilatedResNet, num_classes: int, rates: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.modalities = (modality,)
        self.encoder = encoder
        _, skip_channels, *_, channels = encoder.widths
        self.projection = Projection(channels, channels // 2)
        self.decoder = Decoder(channels // 2, skip_channels, num_classes, rates)

    def encode(self, images: Tensor) -> Halves:
        """Map images (B, channels, H, W), float32, to the halves."""
        deep, skip = self.encoder(images)
        invariant, specific = self.projection(deep).chunk(2, dim=1)
        return Halves(invariant, specific, skip)

    def decode(self, halves: Halves, size: torch.Size) -> Tensor:
        """Map the halves to logits (B, classes, *size), float32."""
        deep = torch.cat([halves.invariant, halves.specific], dim=1)
        logits: Tensor = self.decoder(deep, halves.skip, size).logits
        return logits

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        images = inputs[self.modalities[0]]
        return self.decode(self.encode(images), images.shape[2:])


def build_branch(problem: Problem, modality: str) -> ModalityBranch:
    """Build a modality's branch with the problem's initial weights; equal in every method.

    Raises:
        UserError: ImageNet weights are asked for and cannot be had.
    """
    settings = SegmenterSettings(**problem.network)
    encoder = build_encoder(modality, problem.channels[modality], settings, problem.seed)
    with initial_weights(problem.seed, "branch", modality):
        rates = atrous_rates(settings.output_stride)
        return ModalityBranch(modality, encoder, problem.num_classes, rates)


def build_auxiliary_decoder(problem: Problem, branch: ModalityBranch, skip: bool) -> Decoder:
    """Build the decoder of a single half that all modalities share.

    Args:
        problem: classes, settings and the seed.
        branch: of any modality.
        skip: whether it reads the encoder's first map.
    """
    settings = SegmenterSettings(**problem.network)
    _, skip_channels, *_, channels = branch.encoder.widths
    with initial_weights(problem.seed, "auxiliary decoder", *problem.channels):
        return Decoder(
            channels // 4,
            skip_channels if skip else None,
            problem.num_classes,
            atrous_rates(settings.output_stride),
        )
