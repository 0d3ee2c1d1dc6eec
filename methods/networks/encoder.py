"""The encoder of every classification method: ResNet-18 with the modality's channel count."""

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from methods.networks.convolution import use_exact_convolutions

EMBEDDING_SIZE = 512


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

    def with_stage(self, images: Tensor, stage: int) -> tuple[Tensor, Tensor]:
        """The embeddings as `forward` gives them, and the map behind one of the stages, float32.

        Args:
            images: (B, channels, H, W), float32.
            stage: 1 to 4; their maps have 64, 128, 256 and 512 channels, and a quarter of the side
                of the images, an eighth, a sixteenth and a thirty-second.
        """
        mixed = self.compute_dtype != torch.float32
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=mixed):
            values, maps = images, {}
            for name, layer in self.backbone.named_children():
                values = maps[name] = layer(values)
        embedding, chosen = values.flatten(1), maps[f"layer{stage}"]
        return (embedding.float(), chosen.float()) if mixed else (embedding, chosen)
