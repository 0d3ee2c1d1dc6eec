"""Scores from a confusion matrix that is counted on the device."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from benchmark.records.scores import ClassificationScores
from benchmark.training.data import TrainingData


@torch.no_grad()
def predict(
    network: nn.Module, modalities: Sequence[str], data: TrainingData, samples: Tensor
) -> Tensor:
    """Predicted class (n,), int64, on the device, of samples (n,); the network in eval mode."""
    blocks = _logits(network, modalities, data, samples)
    return torch.cat([block.argmax(dim=1) for block in blocks])


@torch.no_grad()
def predict_with_logits(
    network: nn.Module, modalities: Sequence[str], data: TrainingData, samples: Tensor
) -> tuple[Tensor, Tensor]:
    """As `predict`, and the logits (n, C), float16, to be kept.

    Each sample's are shifted so that the largest is 0, which changes no softmax. So they are within
    0.004 of those in float32 for all classes with at least 1e-7 of the largest probability, however
    large the logits were. What is below the least finite float16 becomes that.
    """
    classes, kept = [], []
    for block in _logits(network, modalities, data, samples):
        classes.append(block.argmax(dim=1))
        shifted = block.float() - block.float().amax(dim=1, keepdim=True)
        kept.append(shifted.clamp(min=torch.finfo(torch.float16).min).half())
    return torch.cat(classes), torch.cat(kept)


def _logits(
    network: nn.Module, modalities: Sequence[str], data: TrainingData, samples: Tensor
) -> Iterator[Tensor]:
    network.eval()
    for inputs in data.blocks(modalities, samples):
        yield network(inputs)


def confusion_matrix(targets: Tensor, predictions: Tensor, num_classes: int) -> Tensor:
    """Counts (C, C), int64, on the device: rows are true classes, columns predicted ones."""
    counts = torch.zeros(num_classes**2, dtype=torch.int64, device=targets.device)
    counts.index_add_(0, targets * num_classes + predictions, torch.ones_like(targets))
    return counts.view(num_classes, num_classes)


def weighted_f1(confusion: Tensor) -> Tensor:
    """F1 per class, weighted by the class's true count; a scalar on the device, float64.

    Equals scikit-learn's f1_score(average="weighted", zero_division=0).
    """
    f1, support, _ = _class_f1(confusion)
    return (f1 * support).sum() / support.sum()


def scores(confusion: Tensor) -> ClassificationScores:
    """All scores of a confusion matrix (C, C), equal to scikit-learn's.

    Macro F1 is the mean over the classes that are true or predicted at least once.
    """
    f1, _, predicted_or_true = _class_f1(confusion)
    present = predicted_or_true > 0
    return ClassificationScores(
        weighted_f1=float(weighted_f1(confusion)),
        macro_f1=float(f1[present].mean()),
        accuracy=float(confusion.diagonal().sum().double() / confusion.sum()),
        confusion=confusion.tolist(),
    )


def _class_f1(confusion: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Per class F1, true count, and true plus predicted count, each (C,), float64."""
    counts = confusion.double()
    support = counts.sum(dim=1)
    total = support + counts.sum(dim=0)
    f1 = 2 * counts.diagonal() / total.clamp(min=1)
    return f1, support, total
