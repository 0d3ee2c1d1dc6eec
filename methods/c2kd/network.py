"""The small networks through which the modalities of C2KD learn from each other."""

from torch import Tensor, nn

from methods.networks.initialisation import initial_weights

_SLOPE = 0.1


class Proxy(nn.Module):
    """Global pooling, linear layer without bias, BN, leaky ReLU, linear layer to the logits.

    Source: the code of Huo et al. (CVPR 2024), which has a 1x1 convolution on the pooled map: that
    is the first linear layer.
    """

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        mixing = nn.Linear(channels, channels, bias=False)
        nn.init.kaiming_normal_(mixing.weight, mode="fan_out", nonlinearity="relu")
        self.layers = nn.Sequential(
            mixing,
            nn.BatchNorm1d(channels),
            nn.LeakyReLU(_SLOPE),
            nn.Linear(channels, num_classes),
        )

    def forward(self, stage: Tensor) -> Tensor:
        """Map the third stage's map (B, channels, h, w), float32, to logits (B, classes)."""
        logits: Tensor = self.layers(stage.mean((2, 3)))
        return logits


def build_proxy(modality: str, channels: int, num_classes: int, seed: int) -> Proxy:
    """Build a modality's proxy with the initial weights of `seed`."""
    with initial_weights(seed, "proxy", modality):
        return Proxy(channels, num_classes)
