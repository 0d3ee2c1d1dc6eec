"""Residual networks as torchvision has them, with its ImageNet weights or with random ones."""

import pickle
from pathlib import Path
from urllib.parse import urlparse

import torch
from torchvision.models import (
    ResNet,
    ResNet18_Weights,
    ResNet50_Weights,
    WeightsEnum,
    resnet18,
    resnet50,
)

from core.errors import UserError
from methods.networks.segmentation.settings import Backbone, Weights

_BUILDERS = {"resnet50": resnet50, "resnet18": resnet18}
_IMAGENET: dict[tuple[Backbone, Weights], WeightsEnum] = {
    ("resnet50", "imagenet"): ResNet50_Weights.IMAGENET1K_V1,
    ("resnet50", "imagenet_v2"): ResNet50_Weights.IMAGENET1K_V2,
    ("resnet18", "imagenet"): ResNet18_Weights.IMAGENET1K_V1,
}


def residual_network(backbone: Backbone, weights: Weights) -> ResNet:
    """A classifier of three channels, with random weights for "none".

    ImageNet weights are downloaded once to where PyTorch keeps such files.

    Raises:
        UserError: the weights cannot be downloaded or read, or are those of another network.
    """
    network: ResNet = _BUILDERS[backbone](weights=None)
    if weights == "none":
        return network
    source = _IMAGENET[backbone, weights]
    file = weights_file(source)
    try:
        state = source.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if file.exists():
            raise UserError(
                f"the ImageNet weights in {file} cannot be read ({reason}); delete the file, so "
                "that it is downloaded again"
            ) from None
        raise UserError(
            f"the ImageNet weights of {backbone} cannot be downloaded from {source.url} "
            f"({reason}); put that file at {file}, or start from random weights with "
            "network: {weights: none} in the suite file"
        ) from None
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError):
        raise UserError(
            f"the file {file} holds weights of another network, expected those of {backbone} from "
            f"{source.url}; put that file in its place, or delete it, so that it is downloaded"
        ) from None
    return network


def weights_file(source: WeightsEnum) -> Path:
    """Where PyTorch keeps the file of some of torchvision's weights."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(source.url).path).name
