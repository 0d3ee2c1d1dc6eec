"""Scores of label maps from a confusion matrix that is counted on the device."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchmark.records.scores import SegmentationScores
from benchmark.training.segmentation.data import SegmentationData
from datasets.splits import Indices
from methods.networks.properties import modalities_of

# Images per forward pass, whole and as they are stored; fixed, so that scores never depend on free
# memory.
_BLOCK = 8


@torch.no_grad()
def predicted_maps(
    network: nn.Module, data: SegmentationData, samples: Indices
) -> Iterator[tuple[Tensor, Tensor]]:
    """True and predicted classes (b, H, W), int64, of blocks of samples; network in eval mode."""
    network.eval()
    for inputs, targets in data.blocks(modalities_of(network), samples, _BLOCK):
        yield targets, network(inputs).argmax(dim=1)


def count_pixels(targets: Tensor, predictions: Tensor, num_classes: int) -> Tensor:
    """Confusion matrix of each image (B, C, C), int64: rows are true classes.

    Args:
        targets: class indices (B, H, W), int64; pixels that are `IGNORED` are not counted.
        predictions: class indices (B, H, W), int64.
        num_classes: number of classes C.
    """
    images, cells = len(targets), num_classes**2
    pairs = targets * num_classes + predictions
    # Pixels without a class go into a cell of their own, which is dropped: no shape, and so no
    # host, depends on how many there are.
    pairs = torch.where(targets >= 0, pairs, cells).flatten(1)
    pairs = pairs + (cells + 1) * torch.arange(images, device=pairs.device)[:, None]
    counts = torch.zeros(images * (cells + 1), dtype=torch.int64, device=pairs.device)
    counts.index_add_(0, pairs.flatten(), torch.ones_like(pairs.flatten()))
    return counts.view(images, cells + 1)[:, :cells].reshape(images, num_classes, num_classes)


def class_iou(confusion: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union of each class (C,), float64, and which classes are true somewhere."""
    counts = confusion.double()
    hits, true, predicted = counts.diagonal(), counts.sum(dim=1), counts.sum(dim=0)
    return hits / (true + predicted - hits).clamp(min=1), true > 0


def mean_iou(confusion: Tensor) -> Tensor:
    """Mean over the classes that are true somewhere; a scalar on the device, float64.

    Equals scikit-learn's jaccard_score(average="macro") over those classes. A class that no true
    pixel has is left out, whether it is predicted or not: which classes count is the data's to say,
    and the same for all methods.
    """
    iou, present = class_iou(confusion)
    return (iou * present).sum() / present.sum().clamp(min=1)


def segmentation_scores(confusion: Tensor) -> SegmentationScores:
    """All scores of a confusion matrix (C, C), summed over all images of a part."""
    iou, present = class_iou(confusion)
    pairs = zip(iou.tolist(), present.tolist(), strict=True)
    total = confusion.sum().clamp(min=1)
    return SegmentationScores(
        mean_iou=float(mean_iou(confusion)),
        pixel_accuracy=float(confusion.diagonal().sum().double() / total),
        class_iou=[value if is_there else None for value, is_there in pairs],
        confusion=confusion.tolist(),
    )
