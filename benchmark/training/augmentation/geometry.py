"""Mirror, scale, pad and crop of a batch, each image its own way, in a few kernels.

Shapes follow from the crop alone, and nothing is read by the host, so that a step with these can
be recorded as a CUDA graph.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmark.records.augmentation import Size
from benchmark.training.augmentation.draws import FLIP, HEIGHT, LEFT, TOP, WIDTH
from methods.contract import IGNORED


def crop_images(images: Tensor, geometry: Tensor, crop: Size) -> Tensor:
    """Augment images, bilinear between pixels, without antialiasing, as OpenCV's resize does.

    Args:
        images: (B, C, H, W), float32; standardised, so that 0 is the mean.
        geometry: (B, 5); see `Draws`.
        crop: height and width of the result.

    Returns:
        (B, C, *crop), float32, channels last in memory; padding is 0.
    """
    rows, inside_rows = _places(geometry[:, HEIGHT], geometry[:, TOP], crop[0])
    columns, inside_columns = _places(geometry[:, WIDTH], geometry[:, LEFT], crop[1])
    # In [-1, 1] from the outer edge of the first pixel to that of the last, as grid_sample has it:
    # (r + 1/2) / n of the scaled image is the same place in the image.
    y = (2 * rows + 1).float() / geometry[:, HEIGHT, None] - 1
    x = (2 * columns + 1).float() / geometry[:, WIDTH, None] - 1
    x = torch.where(geometry[:, FLIP, None] > 0, -x, x)
    shape = (len(images), *crop)
    grid = torch.stack([x[:, None].expand(shape), y[:, :, None].expand(shape)], dim=3)
    sampled = F.grid_sample(images, grid, "bilinear", "border", align_corners=False)
    inside = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    padded = torch.where(inside, sampled, sampled.new_zeros(()))
    return padded.contiguous(memory_format=torch.channels_last)


def crop_labels(labels: Tensor, geometry: Tensor, crop: Size) -> Tensor:
    """Augment label maps, each place taking the label of the pixel that its centre falls into.

    Args:
        labels: (B, H, W), class indices, some of them `IGNORED`; any signed integer type.
        geometry: (B, 5), that of the images; see `Draws`.
        crop: height and width of the result.

    Returns:
        (B, *crop), int64; padding is `IGNORED`.
    """
    batch, height, width = labels.shape
    rows, inside_rows = _places(geometry[:, HEIGHT], geometry[:, TOP], crop[0])
    columns, inside_columns = _places(geometry[:, WIDTH], geometry[:, LEFT], crop[1])
    # In integers, where no rounding can move a centre that lies on the border of two pixels.
    rows = ((2 * rows + 1) * height // (2 * geometry[:, HEIGHT, None])).clamp(0, height - 1)
    columns = ((2 * columns + 1) * width // (2 * geometry[:, WIDTH, None])).clamp(0, width - 1)
    columns = torch.where(geometry[:, FLIP, None] > 0, width - 1 - columns, columns)
    index = rows[:, :, None] * width + columns[:, None, :]
    taken = labels.reshape(batch, -1).gather(1, index.reshape(batch, -1)).view(batch, *crop)
    inside = inside_rows[:, :, None] & inside_columns[:, None, :]
    return torch.where(inside, taken.long(), IGNORED)


def _places(scaled: Tensor, start: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Positions in the scaled images (B, length), int64, and which of them are inside."""
    places = start[:, None] + torch.arange(length, device=start.device)
    return places, (places >= 0) & (places < scaled[:, None])
