"""Encoders, embeddings added, one linear head: STUDENT, and TEACHER on one or all modalities."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn

from methods.networks.encoder import EMBEDDING_SIZE, Encoder
from methods.networks.initialisation import initial_weights


class ClassifierFeatures(NamedTuple):
    """What a classifier computes, all float32; of several encoders the sum of what they compute.

    Attributes:
        logits: (B, classes).
        embedding: (B, 512), what the head reads; it and the maps as in `EncoderFeatures`.
        stage_1: (B, 64, h, w).
        stage_2: (B, 128, h, w).
        stage_3: (B, 256, h, w).
        stage_4: (B, 512, h, w).
    """

    logits: Tensor
    embedding: Tensor
    stage_1: Tensor
    stage_2: Tensor
    stage_3: Tensor
    stage_4: Tensor


class Classifier(nn.Module):
    """One encoder per modality, embeddings added element-wise, one linear head.

    Source: DisCoM-KD (BMVC 2024), section 4, evaluation scenarios.

    Args:
        encoders: modality -> encoder.
        head: linear layer from the embedding to the class logits.
    """

    def __init__(self, encoders: Mapping[str, Encoder], head: nn.Linear) -> None:
        super().__init__()
        self.modalities = tuple(encoders)
        self.encoders = nn.ModuleDict(encoders)
        self.head = head

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Map modality -> images (B, C, H, W) to logits (B, classes); reads its own modalities."""
        first, *others = self.modalities
        embedding = self.encoders[first](inputs[first])
        for modality in others:
            embedding = embedding + self.encoders[modality](inputs[modality])
        logits: Tensor = self.head(embedding)
        return logits

    def features(self, inputs: Mapping[str, Tensor]) -> ClassifierFeatures:
        """The logits as `forward` gives them, and what leads there."""
        own = []
        for modality in self.modalities:
            encoder = self.encoders[modality]
            assert isinstance(encoder, Encoder)
            own.append(encoder.features(inputs[modality]))
        added = [sum(parts[1:], start=parts[0]) for parts in zip(*own, strict=True)]
        return ClassifierFeatures(self.head(added[0]), *added)


def build_classifier(channels: Mapping[str, int], num_classes: int, seed: int) -> Classifier:
    """Build a classifier over the given modalities with the initial weights of `seed`.

    The same modalities, classes and seed give the same weights in every method.
    """
    encoders = {}
    for modality, count in channels.items():
        with initial_weights(seed, "encoder", modality):
            encoders[modality] = Encoder(count)
    with initial_weights(seed, "head", *channels):
        head = nn.Linear(EMBEDDING_SIZE, num_classes)
    return Classifier(encoders, head)
