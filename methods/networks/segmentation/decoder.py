"""The decoder of DeepLabV3+: from an encoder's maps to logits per pixel."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks.precision import MixedPrecision, full_precision

WIDTH = 256
SKIP_WIDTH = 48
DROPOUT = 0.1


class Decoded(NamedTuple):
    """What a decoder computes.

    Attributes:
        logits: (B, classes, H, W) at the input's size, float32.
        pre_logits: (B, 256, h, w), the map before the last convolution.
    """

    logits: Tensor
    pre_logits: Tensor


def atrous_rates(output_stride: int) -> tuple[int, ...]:
    """The dilations of ASPP's three kernels; Chen et al. have 6, 12, 18 at output stride 16."""
    return tuple(rate * 16 // output_stride for rate in (6, 12, 18))


def _convolution(inputs: int, outputs: int, kernel: int, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: one map (B, C, h, w) at five scales, joined to 256 channels.

    Source: Chen et al. (2017), section 3.3. Its image pooling normalises B values per channel, so a
    training batch has two images or more.

    Args:
        channels: C.
        rates: dilations of the 3x3 kernels.
    """

    def __init__(self, channels: int, rates: tuple[int, ...]) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            [
                _convolution(channels, WIDTH, 1),
                *(_convolution(channels, WIDTH, 3, rate) for rate in rates),
            ]
        )
        self.image_pooling = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), *_convolution(channels, WIDTH, 1)
        )
        self.join = nn.Sequential(
            *_convolution(WIDTH * (len(rates) + 2), WIDTH, 1), nn.Dropout(DROPOUT)
        )

    def forward(self, maps: Tensor) -> Tensor:
        pooled = self.image_pooling(maps).expand(-1, -1, *maps.shape[2:])
        joined: Tensor = self.join(torch.cat([*(s(maps) for s in self.scales), pooled], dim=1))
        return joined


class Decoder(MixedPrecision):
    """DeepLabV3+'s decoder with ordinary convolutions. Source: Chen et al. (ECCV 2018), figure 2.

    Args:
        channels: channels of the encoder's last map.
        skip_channels: channels of its first stage's map; None for a decoder that does not read it.
        num_classes: number of classes.
        rates: as for `ASPP`.
    """

    def __init__(
        self, channels: int, skip_channels: int | None, num_classes: int, rates: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.aspp = ASPP(channels, rates)
        self.skip = None if skip_channels is None else _convolution(skip_channels, SKIP_WIDTH, 1)
        self.fuse = _convolution(WIDTH + (0 if self.skip is None else SKIP_WIDTH), WIDTH, 3)
        self.classify = nn.Conv2d(WIDTH, num_classes, kernel_size=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, deep: Tensor, skip: Tensor, size: torch.Size) -> Decoded:
        """Map an encoder's maps to logits of the input's size.

        Args:
            deep: (B, channels, h, w).
            skip: (B, skip_channels, h', w').
            size: height and width of the input.
        """
        with self.autocast(deep):
            maps = self.aspp(deep)
            if self.skip is not None:
                maps = torch.cat([self.skip(skip), _resize(maps, skip.shape[2:])], dim=1)
            pre_logits = self.fuse(maps)
            logits = self.classify(pre_logits)
        return Decoded(_resize(full_precision(logits), size), pre_logits)


def _resize(maps: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(maps, size=size, mode="bilinear", align_corners=False)
