"""Draws how training sees some images of a data set with one class per pixel."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.records.augmentation import Augmentation, Size
from benchmark.training.augmentation import (
    Draws,
    crop_images,
    crop_labels,
    draw_augmentation,
    jitter_colours,
)
from benchmark.training.order import PAIRED
from core.errors import UserError
from datasets.base import Array, Dataset
from datasets.looking.map_sheet import Example, spread_over, take_example, write_examples
from methods.contract import IGNORED

ROWS, EPOCHS = 6, 3
COLOURS, BRIGHTEST = "RGB", 255  # of three channels of bytes, which are jittered


@dataclass(frozen=True)
class _Originals:
    """The samples that are shown, as they are stored."""

    examples: list[Example]
    labels: Tensor
    ignore_index: int | None


def draw_augmented(dataset: Dataset, path: Path, settings: Augmentation) -> None:
    """Write a sheet of samples, each beside what it became in three draws, same for all modalities.

    Args:
        dataset: with one class per pixel.
        path: file to write.
        settings: of the augmentation.

    Raises:
        UserError: the data set has one class per image; the crop is larger than the images; the
            file cannot be written.
    """
    if dataset.task != "segmentation":
        raise UserError(
            f"{dataset.name} has one class per image, whose augmentation is turning and mirroring "
            "alone; show it without --augmented"
        )
    height, width = dataset.labels.shape[1:]
    chosen = spread_over(len(dataset), ROWS)
    examples = [take_example(dataset, sample) for sample in chosen]
    labels = torch.from_numpy(np.stack([example.labels for example in examples]).astype(np.int64))
    originals = _Originals(examples, labels, dataset.ignore_index)
    columns = [examples]
    for epoch in range(EPOCHS):
        draws = draw_augmentation(
            0, epoch, len(chosen), PAIRED, settings, (height, width), torch.device("cpu")
        )
        columns.append(_augment(originals, draws, settings, settings.crop_size((height, width))))
    cells = [list(row) for row in zip(*columns, strict=True)]
    headings = ["as it is", *(f"draw {epoch + 1}" for epoch in range(EPOCHS))]
    write_examples(f"{dataset.name}: as training sees it", dataset, cells, headings, path)


def _augment(
    originals: _Originals, draws: Draws, settings: Augmentation, crop: Size
) -> list[Example]:
    void = -1 if originals.ignore_index is None else originals.ignore_index
    labels = originals.labels.masked_fill(originals.labels == void, IGNORED)
    maps = crop_labels(labels, draws.geometry, crop).numpy()
    images: dict[str, NDArray[np.float32]] = {}
    for name in originals.examples[0].images:
        stored = np.stack([example.images[name] for example in originals.examples])
        images[name] = _augment_images(name, stored, draws, settings, crop)
    return [
        Example({name: images[name][place] for name in images}, maps[place])
        for place in range(len(maps))
    ]


def _augment_images(
    name: str, stored: Array, draws: Draws, settings: Augmentation, crop: Size
) -> NDArray[np.float32]:
    images = torch.from_numpy(stored.astype(np.float32))
    if name == COLOURS and stored.shape[1] == 3 and stored.dtype == np.uint8 and settings.jitters:
        images = jitter_colours(images / BRIGHTEST, draws.colours) * BRIGHTEST
    # Around 0, as standardised images are, so that padding is the mean here as well.
    mean = images.mean(dim=(0, 2, 3), keepdim=True)
    cropped: NDArray[np.float32] = (crop_images(images - mean, draws.geometry, crop) + mean).numpy()
    return cropped
