"""A network of one's own, for students, teachers, or single modalities.

python run_benchmark.py --suite my_grid.yaml --load docs/examples/my_network.py
"""

from torch import Tensor, nn

from methods import register_network


class SmallEncoder(nn.Module):
    """Two convolutions, pooled."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.embedding_size = 2 * filters
        self.layers = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride=2, padding=1),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, self.embedding_size, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, channels, H, W) to embeddings (B, embedding_size)."""
        embeddings: Tensor = self.layers(images)
        return embeddings


@register_network
def small_cnn(channels: int, filters: int = 32) -> nn.Module:
    """A suite may say `student: {network: small_cnn, filters: 64}`; what has a default is a
    setting."""
    return SmallEncoder(channels, filters)
