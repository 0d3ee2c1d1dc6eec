"""The encoder of one modality: a residual network whose last stages are dilated."""

from typing import NamedTuple

from torch import Tensor, nn
from torchvision.models import ResNet

from methods.networks.precision import MixedPrecision
from methods.networks.segmentation.settings import SegmenterSettings
from methods.networks.segmentation.weights import residual_network

STAGES = 4
RGB = 3  # channels that ImageNet weights are for


class Encoded(NamedTuple):
    """What an encoder gives its decoder.

    Attributes:
        deep: the last stage's map (B, C, h, w), not negative.
        skip: the first stage's map (B, C', h', w'), at a quarter of the input's size.
    """

    deep: Tensor
    skip: Tensor


class DilatedResNet(MixedPrecision):
    """A residual network without its classifier, from images to the maps of its stages.

    Source: Chen et al. (ECCV 2018); torchvision's ResNet, in which the stages beyond
    `output_stride` dilate their kernels instead of halving the map. Where the input has other than
    three channels, each of them starts from the mean of the ImageNet filters over RGB, as the
    CroDiNo-KD paper has it for depth.

    Args:
        channels: channels of the modality, at least 1.
        settings: backbone, initial weights, output stride.

    Attributes:
        widths: channels of the stem's map and of those of the four stages.
    """

    def __init__(self, channels: int, settings: SegmenterSettings) -> None:
        super().__init__()
        network = residual_network(settings.backbone, settings.weights)
        if channels != RGB:
            _set_input_channels(network, channels, keep=settings.weights != "none")
        self.stem = nn.Sequential(network.conv1, network.bn1, network.relu)
        self.pool = network.maxpool
        self.stages = dilated_stages(network, settings.output_stride)
        self.widths = stage_widths(network)

    def forward(self, images: Tensor) -> Encoded:
        """Map images (B, channels, H, W), float32, to the maps that a decoder reads."""
        with self.autocast(images):
            maps = skip = self.stages[0](self.pool(self.stem(images)))
            for stage in self.stages[1:]:
                maps = stage(maps)
            return Encoded(maps, skip)


def dilated_stages(network: ResNet, output_stride: int) -> nn.ModuleList:
    """The four stages of `network`, those beyond `output_stride` dilated in place."""
    stages = nn.ModuleList([network.layer1, network.layer2, network.layer3, network.layer4])
    stride, dilation = 4, 1
    for stage in stages[1:]:
        if stride < output_stride:
            stride *= 2
        else:
            _dilate(stage, dilation, 2 * dilation)
            dilation *= 2
    return stages


def stage_widths(network: ResNet) -> tuple[int, ...]:
    """Channels of the stem's map and of those of the four stages."""
    unit = network.fc.in_features // 8
    return network.bn1.num_features, *(unit * 2**stage for stage in range(STAGES))


def _dilate(stage: nn.Module, before: int, after: int) -> None:
    """Take the stride out of a stage; its kernels then reach as far as they did before.

    A kernel that had the stride still reads the map of before, whose dilation is `before`; those
    that follow read one twice as fine as it was.
    """
    for convolution in stage.modules():
        if not isinstance(convolution, nn.Conv2d):
            continue
        dilation = after if convolution.stride == (1, 1) else before
        convolution.stride = (1, 1)
        if convolution.kernel_size == (3, 3):
            convolution.dilation = convolution.padding = (dilation, dilation)


def _set_input_channels(network: ResNet, channels: int, keep: bool) -> None:
    """Replace the first convolution; `keep` starts each channel from the old filters' mean."""
    old = network.conv1
    new = nn.Conv2d(channels, old.out_channels, kernel_size=7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")  # as torchvision's
    if keep:
        mean = old.weight.detach().mean(dim=1, keepdim=True)
        new.weight = nn.Parameter(mean.repeat(1, channels, 1, 1))
    network.conv1 = new
