"""A teacher that lost some channels."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from methods.mfh.salience import permutation_distances
from methods.networks.classifier import Classifier, ClassifierFeatures, PlainFeatures


class SelectiveTeacher(nn.Module):
    """A classifier some channels of whose embedding are 0.

    Args:
        network: the classifier.
        removed: which of the channels, (D,), bool.
    """

    kept: Tensor

    def __init__(self, network: Classifier, removed: Tensor) -> None:
        super().__init__()
        self.network = network
        self.modalities = network.modalities
        self.register_buffer("kept", (~removed).float())

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Map modality -> images (B, C, H, W) to logits (B, classes)."""
        return self.features(inputs).logits

    def features(self, inputs: Mapping[str, Tensor]) -> ClassifierFeatures | PlainFeatures:
        """As the classifier's, with the embedding that the head is left with."""
        found = self.network.features(inputs)
        embedding = found.embedding * self.kept
        return found._replace(logits=self.network.head(embedding), embedding=embedding)


@torch.no_grad()
def salience(
    teacher: Classifier,
    student: nn.Module,
    batches: Iterable[Mapping[str, Tensor]],
    repeats: int,
    seed: int,
) -> Tensor:
    """The `permutation_distances` of the teacher's channels, mean over samples, (D,), on the CPU.

    Args:
        teacher: in eval mode.
        student: likewise.
        batches: images that both read.
        repeats: permutations of each batch.
        seed: of the permutations.
    """
    random = torch.Generator().manual_seed(seed)
    total, samples = torch.zeros(teacher.head.in_features, dtype=torch.float64), 0
    for inputs in batches:
        found = teacher.features(inputs)
        size = len(found.logits)
        orders = torch.stack([torch.randperm(size, generator=random) for _ in range(repeats)])
        distances = permutation_distances(
            student(inputs),
            found.logits,
            found.embedding,
            teacher.head.weight,
            orders.to(found.logits.device),
        )
        total += size * distances.double().cpu()
        samples += size
    return total / samples
