"""What may be chosen of the networks of segmentation; planning reads it without PyTorch."""

from typing import Literal, Self

from pydantic import model_validator

from core.models import StrictModel

Backbone = Literal["resnet50", "resnet18"]
Weights = Literal["imagenet", "imagenet_v2", "none"]


class SegmenterSettings(StrictModel):
    """`Problem.network` of segmentation; every network of a run is built by it.

    Attributes:
        backbone: the residual network of every encoder.
        weights: what encoders start from: torchvision's first ImageNet weights, its second ones,
            which a longer training gave and which exist for ResNet-50 alone, or random weights.
        output_stride: side of the input by side of the encoder's output.
    """

    backbone: Backbone = "resnet50"
    weights: Weights = "imagenet"
    output_stride: Literal[8, 16] = 16

    @model_validator(mode="after")
    def _weights_exist(self) -> Self:
        if self.weights == "imagenet_v2" and self.backbone != "resnet50":
            raise ValueError(
                f"there are no weights imagenet_v2 for {self.backbone}; "
                "take weights: imagenet, or backbone: resnet50"
            )
        return self
