"""Dilated residual networks: where they stop halving, and what a stem of other channels is."""

import pytest
import torch
from torchvision.models import resnet18, resnet50

from methods.networks.segmentation.encoder import DilatedResNet, dilated_stages
from methods.networks.segmentation.settings import SegmenterSettings
from methods.networks.segmentation.weights import residual_network


@pytest.mark.parametrize("stride", [8, 16])
def test_resnet50_is_dilated_as_torchvision_does_it(stride: int) -> None:
    with torch.device("meta"):
        expected = resnet50(weights=None, replace_stride_with_dilation=[False, stride == 8, True])
        ours = resnet50(weights=None)
    dilated_stages(ours, stride)
    for one, other in zip(ours.modules(), expected.modules(), strict=True):
        if isinstance(one, torch.nn.Conv2d):
            assert (one.stride, one.padding) == (other.stride, other.padding)
            assert one.dilation == other.dilation


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
def test_a_dilated_stage_has_the_values_of_the_strided_one_between_its_own(backbone: str) -> None:
    """Taking a stride out adds positions and changes none: they read the same pixels."""
    torch.manual_seed(0)
    network = residual_network(backbone, "none").eval().double()  # type: ignore[arg-type]
    stage = network.layer4
    maps = torch.rand(1, network.layer4[0].conv1.in_channels, 8, 8, dtype=torch.float64)
    strided = stage(maps)
    dilated_stages(network, 16)
    torch.testing.assert_close(stage(maps)[:, :, ::2, ::2], strided)


def test_encoder_maps_are_those_of_torchvision_up_to_the_first_dilation() -> None:
    torch.manual_seed(0)
    encoder = DilatedResNet(3, SegmenterSettings(backbone="resnet18", weights="none")).eval()
    network = resnet18(weights=None).eval()
    state = {
        name.replace("stem.0", "conv1").replace("stem.1", "bn1"): value
        for name, value in encoder.state_dict().items()
    }
    for stage in range(4):
        state = {
            name.replace(f"stages.{stage}.", f"layer{stage + 1}."): value
            for name, value in state.items()
        }
    network.load_state_dict(state, strict=False)
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        pooled = network.maxpool(network.relu(network.bn1(network.conv1(images))))
        deep, skip = encoder(images)
        torch.testing.assert_close(skip, network.layer1(pooled))
        strided = network.layer4(network.layer3(network.layer2(skip)))
        torch.testing.assert_close(deep[:, :, ::2, ::2], strided)
