"""The encoder of every classification method: a ResNet with the modality's channel count."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from torch import Tensor, nn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock, Bottleneck

from methods.networks.convolution import use_exact_convolutions
from methods.networks.precision import MixedPrecision, full_precision

EMBEDDING_SIZE = 512
STAGES = (1, 2, 3, 4)
# What ResNet-18 gives, by the names of `EncoderFeatures`.
FEATURE_SIZES: Mapping[str, int] = {
    "embedding": EMBEDDING_SIZE,
    **{f"stage_{stage}": 32 * 2**stage for stage in STAGES},
}

Depth = Literal["resnet18", "resnet34", "resnet50"]
_LAYOUTS: Mapping[Depth, tuple[type[BasicBlock | Bottleneck], list[int]]] = {
    "resnet18": (BasicBlock, [2, 2, 2, 2]),
    "resnet34": (BasicBlock, [3, 4, 6, 3]),
    "resnet50": (Bottleneck, [3, 4, 6, 3]),
}


class EncoderFeatures(NamedTuple):
    """What an encoder computes of images (B, channels, H, W), all float32.

    The channel counts are those of ResNet-18; a width scales them, and ResNet-50 has four times as
    many.

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


class Encoder(MixedPrecision):
    """ResNet without its classifier, trained from scratch: ResNet-18 unless another is chosen.

    Source: DisCoM-KD (BMVC 2024), section 3; torchvision's ResNet-18 with `conv1` replaced by a
    7x7 stride-2 convolution without bias for `channels` inputs.

    Embeddings leave it in float32, so heads and losses never see half precision.

    Args:
        channels: channels of the modality, at least 1.
        depth: which ResNet.
        width: factor on the channels of all layers, rounded, greater than 0.

    Attributes:
        embedding_size: values of an embedding.
        feature_sizes: channels of what `features` gives, by name.
    """

    def __init__(self, channels: int, depth: Depth = "resnet18", width: float = 1.0) -> None:
        super().__init__()
        backbone = _ScaledResNet(*_LAYOUTS[depth], width)
        stem = backbone.bn1.num_features
        backbone.conv1 = nn.Conv2d(channels, stem, kernel_size=7, stride=2, padding=3, bias=False)
        self.embedding_size: int = backbone.inplanes  # by now that of the last stage
        self.feature_sizes = {"embedding": self.embedding_size} | {
            f"stage_{stage}": _channels(getattr(backbone, f"layer{stage}")) for stage in STAGES
        }
        backbone.fc = nn.Identity()
        use_exact_convolutions(backbone)
        self.backbone = backbone

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, channels, H, W), float32, to embeddings (B, 512), float32."""
        with self.autocast(images):
            embedding: Tensor = self.backbone(images)
        return full_precision(embedding)

    def features(self, images: Tensor) -> EncoderFeatures:
        """Map images (B, channels, H, W), float32, to the same embeddings and what leads there."""
        with self.autocast(images):
            values, found = images, {}
            for name, layer in self.backbone.named_children():
                values = found[name] = layer(values)
        maps = [found[f"layer{stage}"] for stage in STAGES]
        return EncoderFeatures(*map(full_precision, [values.flatten(1), *maps]))


class _ScaledResNet(ResNet):  # type: ignore[misc]  # torchvision has no types
    """torchvision's ResNet, all channel counts times a factor."""

    def __init__(
        self, block: type[BasicBlock | Bottleneck], layers: list[int], width: float
    ) -> None:
        self._width = width  # `_make_layer` needs it before there is a module
        super().__init__(block, layers)

    def _make_layer(
        self, block: type[BasicBlock | Bottleneck], planes: int, *sizes: Any, **options: Any
    ) -> nn.Sequential:
        def scaled(count: int) -> int:
            return max(1, round(count * self._width))

        if planes == 64:  # the first stage: what it reads is made by then, of the usual width
            self.inplanes = scaled(64)
            self.bn1 = nn.BatchNorm2d(self.inplanes)
        stage: nn.Sequential = super()._make_layer(block, scaled(planes), *sizes, **options)
        return stage


def _channels(stage: nn.Module) -> int:
    """Channels of the map behind a stage: those of its last normalisation."""
    norms = [module for module in stage.modules() if isinstance(module, nn.BatchNorm2d)]
    return norms[-1].num_features
