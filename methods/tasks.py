"""The tasks as far as methods need them: how the reference network over some modalities is built.

A task is what is predicted of a sample: one class, or a class per position. Methods that name it in
`Method.tasks` build their networks from here, so that they serve it without asking which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from core.lazy import lazy
from core.seeding import derive_seed
from methods.contract import CLASSIFICATION, SEGMENTATION, Problem

if TYPE_CHECKING:
    from torch import nn

_classifier = lazy("methods.networks.classifier")
_segmentation = lazy("methods.networks.segmentation")


def _classification_network(problem: Problem) -> nn.Module:
    network: nn.Module = _classifier.build_classifier(
        problem.channels, problem.num_classes, problem.seed, problem.network
    )
    return network


def _segmentation_network(problem: Problem) -> nn.Module:
    network: nn.Module = _segmentation.build_segmenter(problem)
    return network


# Task -> builds the network that predicts it from all modalities of a problem.
NETWORKS: Mapping[str, Callable[[Problem], nn.Module]] = {
    CLASSIFICATION: _classification_network,
    SEGMENTATION: _segmentation_network,
}


def network_of(problem: Problem) -> nn.Module:
    """Build the task's reference network over all modalities of a problem.

    Equal problems give equal initial weights, whatever the method. The network maps modality ->
    images to logits, (B, C) or (B, C, H, W), and has an attribute `modalities`.
    """
    return NETWORKS[problem.task](problem)


def another_start(problem: Problem) -> Problem:
    """The same problem, whose networks start from other weights than STUDENT of the repetition."""
    return replace(problem, seed=derive_seed("another start", problem.seed))
