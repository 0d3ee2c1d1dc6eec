"""ImageNet weights: what each channel starts from, and what is said where they cannot be had."""

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from torchvision.models import ResNet18_Weights, ResNet50_Weights, resnet18

from core.errors import UserError
from methods.networks.segmentation import SegmenterSettings
from methods.networks.segmentation.encoder import DilatedResNet
from methods.networks.segmentation.weights import residual_network, weights_file

IMAGENET = SegmenterSettings(backbone="resnet18")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where PyTorch looks for ResNet-18's weights; nothing can be downloaded."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    path = weights_file(ResNet18_Weights.IMAGENET1K_V1)
    path.parent.mkdir(parents=True)
    return path


def test_channels_other_than_three_start_from_the_mean_of_the_rgb_filters(file: Path) -> None:
    torch.manual_seed(0)
    state = resnet18(weights=None).state_dict()
    torch.save(state, file)
    filters = state["conv1.weight"]
    rgb, depth, four = (DilatedResNet(channels, IMAGENET).state_dict() for channels in (3, 1, 4))
    assert torch.equal(rgb["stem.0.weight"], filters)
    mean = filters.mean(dim=1, keepdim=True)
    torch.testing.assert_close(depth["stem.0.weight"], mean)
    torch.testing.assert_close(four["stem.0.weight"], mean.expand(-1, 4, -1, -1))
    for encoder in (rgb, depth, four):
        assert torch.equal(encoder["stages.3.1.conv2.weight"], state["layer4.1.conv2.weight"])
        assert torch.equal(encoder["stem.1.weight"], state["bn1.weight"])


def test_weights_that_cannot_be_downloaded(file: Path) -> None:
    with pytest.raises(UserError, match="cannot be downloaded from https") as caught:
        residual_network("resnet18", "imagenet")
    assert f"put that file at {file}" in str(caught.value)
    assert "weights: none" in str(caught.value)


@pytest.mark.parametrize("content", [{}, {"fc.weight": torch.zeros(1)}, [1, 2]])
def test_a_file_of_another_network(file: Path, content: object) -> None:
    torch.save(content, file)
    with pytest.raises(UserError, match="holds weights of another network, expected .* resnet18"):
        residual_network("resnet18", "imagenet")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 cut off"])
def test_a_file_that_holds_no_weights(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read .* delete the file"):
        residual_network("resnet18", "imagenet")


def test_settings_that_do_not_exist_are_refused() -> None:
    assert SegmenterSettings().model_dump() == {
        "backbone": "resnet50",
        "weights": "imagenet",
        "output_stride": 16,
    }
    with pytest.raises(ValidationError, match="no weights imagenet_v2 for resnet18"):
        SegmenterSettings(backbone="resnet18", weights="imagenet_v2")
    with pytest.raises(ValidationError):
        SegmenterSettings(output_stride=32)  # type: ignore[arg-type]
    assert weights_file(ResNet50_Weights.IMAGENET1K_V2).name == "resnet50-11ad3fa6.pth"
