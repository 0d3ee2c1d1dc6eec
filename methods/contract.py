"""What methods, learners and networks share. It imports nothing of the project.

A method knows modalities by name and channel count and nothing of any data set; see `Problem`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch import Tensor

ALL_MODALITIES = "ALL"

CLASSIFICATION = "classification"
SEGMENTATION = "segmentation"

# The "class index" of a position that no loss and no score counts; PyTorch's cross-entropy leaves
# it out by default.
IGNORED = -100

# The layers that map an encoder's embedding to z_inv: in the paper a linear one, in the released
# code batch normalisation and ReLU after it.
Projection = Literal["linear", "linear_bn_relu"]


class Kind(StrEnum):
    """How a method trains."""

    REFERENCE = "reference"  # one network, cross-entropy, no distillation
    DISTILLATION = "distillation"  # a student that follows a trained, frozen teacher
    JOINT = "joint"  # the models of all modalities at once, no teacher


class Control(StrEnum):
    """Whose gain a method puts to the test: what the recipe gives without the other modality."""

    NONE = "none"  # nobody's: it is no control
    ALL = "all"  # that of every method
    OWN = "own"  # that of the same method with other settings


class Sampling(StrEnum):
    """How the modalities of one training batch belong together."""

    PAIRED = "paired"  # the same samples, under the same D4 element
    INDEPENDENT = "independent"  # each modality shuffled and augmented on its own
    DECOUPLED = "decoupled"  # the same samples, each modality augmented on its own


@dataclass(frozen=True)
class Problem:
    """All that a method may know of the task.

    Attributes:
        channels: channel count of each modality of the run, in the data set's order.
        num_classes: number of classes C.
        seed: seed of the repetition's initial weights; equal networks of one repetition start from
            equal weights whatever the method.
        task: what is predicted; the name of one of `methods.tasks.TASKS`.
        network: settings of the task's networks, such as their backbone; in classification the
            encoder of each modality that has another than the paper's; empty for the defaults.
        teacher_sizes: channels of the features that the teacher gives, by name; empty where its
            network has the defaults, and where there is none.
        labels: class indices of the training samples, in their order; empty where a sample has one
            per position.
    """

    channels: Mapping[str, int]
    num_classes: int
    seed: int
    task: str = CLASSIFICATION
    network: Mapping[str, Any] = field(default_factory=dict)
    teacher_sizes: Mapping[str, int] = field(default_factory=dict)
    labels: Sequence[int] = ()

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities of the run."""
        return tuple(self.channels)


@dataclass(frozen=True)
class Batch:
    """One training batch on the device.

    Attributes:
        inputs: per modality, images (B, C, H, W), float32, channels last in memory; in [0, 1] for
            classification, standardised for segmentation.
        targets: per modality, class indices, int64: (B,) for classification; (B, H, W), some of
            them `IGNORED`, for segmentation. With paired sampling all are one tensor.
        teacher_logits: (B, classes) or (B, classes, H, W), float32; None where the method has no
            teacher.
        teacher_features: what else of the teacher the method needs, by name, each float32; see
            `DistillationMethod.teacher_needs`.
        samples: which of the training samples these are, (B,), int64, each once; None where the
            modalities are of different samples.
    """

    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    teacher_logits: Tensor | None = None
    teacher_features: Mapping[str, Tensor] = field(default_factory=dict)
    samples: Tensor | None = None

    @property
    def target(self) -> Tensor:
        """The class indices that all modalities of a paired batch share."""
        return next(iter(self.targets.values()))


def deployment_name(modalities: Sequence[str]) -> str:
    """What a network is evaluated on: its one modality's name, or "ALL" for several.

    >>> deployment_name(["SAR"]), deployment_name(["MS", "SAR"])
    ('SAR', 'ALL')
    """
    return modalities[0] if len(modalities) == 1 else ALL_MODALITIES
