"""Colour jitter of a batch, each image its own way."""

import torch
from torch import Tensor

from benchmark.training.augmentation.draws import BRIGHTNESS, CONTRAST, HUE, SATURATION

# Of red, green and blue in the grey value of ITU-R BT.601, as torchvision and Pillow have it.
_LUMA = (0.2989, 0.587, 0.114)


def jitter_colours(images: Tensor, colours: Tensor) -> Tensor:
    """Change brightness, contrast, saturation and hue.

    Each of the four is what torchvision's function of its name computes. They come in this order;
    torchvision's ColorJitter draws the order as well, which a recorded step cannot.

    Args:
        images: (B, 3, H, W) in [0, 1], float32; before any padding, which would change the mean
            that contrast is taken from.
        colours: (B, 4); see `Draws`.

    Returns:
        (B, 3, H, W) in [0, 1], float32.
    """
    factors = colours[:, :, None, None, None]
    images = (images * factors[:, BRIGHTNESS]).clamp(0, 1)
    mean = _grey(images).mean(dim=(1, 2, 3), keepdim=True)
    images = torch.lerp(mean, images, factors[:, CONTRAST]).clamp(0, 1)
    images = torch.lerp(_grey(images), images, factors[:, SATURATION]).clamp(0, 1)
    return _turn_hue(images, colours[:, HUE, None, None])


def _grey(images: Tensor) -> Tensor:
    red, green, blue = images.unbind(1)
    return (_LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue)[:, None]


def _turn_hue(images: Tensor, shift: Tensor) -> Tensor:
    """Add `shift` (B, 1, 1), in turns, to the hue, keeping HSV saturation and value.

    A channel of a colour with hue h, value v and chroma c is v - c * k, where k falls and rises
    between 0 and 1 around the hexagon of hues, red, green and blue a third of it apart.
    """
    value, low = images.amax(dim=1), images.amin(dim=1)
    chroma = value - low
    red, green, blue = images.unbind(1)
    safe = torch.where(chroma > 0, chroma, torch.ones_like(chroma))
    hue = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    turned = hue + 6 * shift
    channels = []
    for offset in (5, 3, 1):
        corner = (turned + offset) % 6
        channels.append(value - chroma * torch.minimum(corner, 4 - corner).clamp(0, 1))
    return torch.stack(channels, dim=1).clamp(0, 1)
