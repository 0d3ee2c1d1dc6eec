"""Encoders, embeddings added, one linear head: STUDENT, and TEACHER on one or all modalities."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.errors import UserError
from methods.networks.choice import build_encoder
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


class PlainFeatures(NamedTuple):
    """What a classifier without maps computes: its encoders have none, or cannot add them.

    Attributes:
        logits: (B, classes).
        embedding: (B, D), what the head reads.
    """

    logits: Tensor
    embedding: Tensor


class Classifier(nn.Module):
    """One encoder per modality, embeddings added element-wise, one linear head.

    Embeddings of different sizes are first mapped to the largest by a linear layer each, without
    bias.

    Source: DisCoM-KD (BMVC 2024), section 4, evaluation scenarios.

    Args:
        encoders: modality -> encoder, which maps images to `embedding_size` values.
        head: linear layer from the embedding to the class logits.
        projections: modality -> linear layer, of the smaller embeddings.

    Attributes:
        feature_sizes: values or channels of what `features` gives beside logits, by name.
    """

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        head: nn.Linear,
        projections: Mapping[str, nn.Module] = {},
    ) -> None:
        super().__init__()
        self.modalities = tuple(encoders)
        self.encoders = nn.ModuleDict(encoders)
        self.head = head
        self.projections = nn.ModuleDict(projections)
        found = [getattr(encoder, "feature_sizes", {}) for encoder in encoders.values()]
        self.feature_sizes: dict[str, int] = (
            dict(found[0])
            if found[0] and all(sizes == found[0] for sizes in found)
            else {"embedding": head.in_features}
        )

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Map modality -> images (B, C, H, W) to logits (B, classes); reads its own modalities."""
        logits: Tensor = self.head(self._embedding(inputs))
        return logits

    def features(self, inputs: Mapping[str, Tensor]) -> ClassifierFeatures | PlainFeatures:
        """The logits as `forward` gives them, and what leads there."""
        if "stage_1" not in self.feature_sizes:
            embedding = self._embedding(inputs)
            return PlainFeatures(self.head(embedding), embedding)
        own = [
            self.encoders[modality].features(inputs[modality])  # type: ignore[operator]
            for modality in self.modalities
        ]
        added = [sum(parts[1:], start=parts[0]) for parts in zip(*own, strict=True)]
        return ClassifierFeatures(self.head(added[0]), *added)

    def embeddings(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """What is added, (M, B, D), in the order of the modalities."""
        return torch.stack([self._own_embedding(name, inputs) for name in self.modalities])

    def over(self, modalities: Sequence[str]) -> "Classifier":
        """The same layers for some of the modalities: the others' embeddings are left out."""
        return Classifier(
            {name: self.encoders[name] for name in modalities},
            self.head,
            {name: self.projections[name] for name in modalities if name in self.projections},
        )

    def _embedding(self, inputs: Mapping[str, Tensor]) -> Tensor:
        first, *others = self.modalities
        embedding = self._own_embedding(first, inputs)
        for modality in others:
            embedding = embedding + self._own_embedding(modality, inputs)
        return embedding

    def _own_embedding(self, modality: str, inputs: Mapping[str, Tensor]) -> Tensor:
        embedding: Tensor = self.encoders[modality](inputs[modality])
        if modality in self.projections:
            embedding = self.projections[modality](embedding)
        return embedding


def build_classifier(
    channels: Mapping[str, int],
    num_classes: int,
    seed: int,
    choices: Mapping[str, Mapping[str, Any]] = {},
) -> Classifier:
    """Build a classifier over the given modalities with the initial weights of `seed`.

    The same modalities, classes, choices and seed give the same weights in every method.

    Args:
        channels: of each modality.
        num_classes: number of classes.
        seed: of the repetition's initial weights.
        choices: modality -> its encoder, as `choice.resolve_choice` gives it; the paper's for those
            that are not there.
    """
    encoders = {}
    for modality, count in channels.items():
        with initial_weights(seed, "encoder", modality):
            encoders[modality] = build_encoder(choices.get(modality, {}), count)
    sizes = {modality: size_of(encoder) for modality, encoder in encoders.items()}
    largest = max(sizes.values())
    with initial_weights(seed, "head", *channels):
        head = nn.Linear(largest, num_classes)
    projections = {}
    for modality, size in sizes.items():
        if size < largest:
            with initial_weights(seed, "projection", modality):
                projections[modality] = nn.Linear(size, largest, bias=False)
    return Classifier(encoders, head, projections)


def sizes_of(network: nn.Module) -> Mapping[str, int]:
    """What `Classifier.feature_sizes` says of a network."""
    sizes: Mapping[str, int] = network.feature_sizes  # type: ignore[assignment]
    return sizes


def size_of(encoder: nn.Module) -> int:
    """Number of values of an encoder's embedding."""
    size: int = encoder.embedding_size  # type: ignore[assignment]
    return size


def channels_of(sizes: Mapping[str, int], feature: str, whose: str) -> int:
    """Channels of a feature among those that a network has.

    Args:
        sizes: as `Classifier.feature_sizes`.
        feature: its name.
        whose: what the network is called, such as "the teacher".

    Raises:
        UserError: the network does not have it.
    """
    if feature not in sizes:
        raise UserError(
            f"the method asks for {feature.replace('_', ' ')} of {whose}, whose network gives only "
            f"{', '.join(name.replace('_', ' ') for name in sizes)}; choose another network, the "
            "same for all its modalities, or another method"
        )
    return sizes[feature]
