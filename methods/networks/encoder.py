"""The encoder of every classification method: ResNet-18 with the modality's channel count."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from methods.networks.convolution import use_exact_convolutions
from methods.networks.precision import full_precision

EMBEDDING_SIZE = 512
STAGES = (1, 2, 3, 4)


class EncoderFeatures(NamedTuple):
    """What an encoder computes of images (B, channels, H, W), all float32.

    Attributes:
        embedding: (B, 512).
        stage_1: (B, 64, H / 4, W / 4), the map behind the first stage; fractions are rounded up.
        stage_2: (B, 128, H / 8, W / 8).
        stage_3: (B, 256, H / 16, W / 16).
        stage_4: (B, 512, H / 32, W / 32).
    """

    embedding: Tensor
    stage_1: Tensor
    stage_2: Tensor
    stage_3: Tensor
    stage_4: Tensor


class Encoder(nn.Module):
    """ResNet-18 without its classifier, trained from scratch.

    Source: DisCoM-KD (BMVC 2024), section 3; torchvision's ResNet-18 with `conv1` replaced by a
    7x7 stride-2 convolution without bias for `channels` inputs.

    The forward pass runs in `compute_dtype` where that is bfloat16 (autocast: weights and
    optimiser state stay float32). Embeddings leave it in float32, so heads and losses never see
    half precision. Weights in float64, for comparisons, stay so from end to end.

    Args:
        channels: channels of the modality, at least 1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        backbone = resnet18(weights=None)
        backbone.conv1 = nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
        backbone.fc = nn.Identity()
        use_exact_convolutions(backbone)
        self.backbone = backbone
        self.compute_dtype = torch.float32

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, channels, H, W), float32, to embeddings (B, 512), float32."""
        mixed = self.compute_dtype != torch.float32
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=mixed):
            embedding: Tensor = self.backbone(images)
        return embedding.float() if mixed else embedding

    def features(self, images: Tensor) -> EncoderFeatures:
        """Map images (B, channels, H, W), float32, to the same embeddings and what leads there."""
        mixed = self.compute_dtype != torch.float32
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=mixed):
            values, found = images, {}
            for name, layer in self.backbone.named_children():
                values = found[name] = layer(values)
        maps = [found[f"layer{stage}"] for stage in STAGES]
        return EncoderFeatures(*map(full_precision, [values.flatten(1), *maps]))
