"""Segmentation networks as they are deployed: one encoder, or the fused ones of a teacher."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn

from methods.contract import Problem


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
    """Maps images of its modalities to logits per pixel.

    Args:
        modalities: the names that it reads.
    """

    def __init__(self, modalities: tuple[str, ...]) -> None:
        super().__init__()
        self.modalities = modalities

    def features(self, inputs: Mapping[str, Tensor]) -> SegmenterFeatures:
        """Map modality -> images (B, channels, H, W), float32, to logits and what leads there."""
        raise NotImplementedError

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Map modality -> images (B, channels, H, W), float32, to logits (B, classes, H, W)."""
        return self.features(inputs).logits


def build_segmenter(problem: Problem) -> Segmenter:
    """Build the network over the problem's modalities: DeepLabV3+ for one, ACNet for several."""
    raise NotImplementedError
