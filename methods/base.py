"""What a method is: a small registered class that builds the thing one run trains.

A method knows modalities by name and channel count and nothing of any data set; see `Problem`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import Tensor, nn

    from methods.learners.base import Learner
    from methods.plugins import Plugin


class Kind(StrEnum):
    """How a method trains."""

    REFERENCE = "reference"  # one network, cross-entropy, no distillation
    DISTILLATION = "distillation"  # a student that follows a trained, frozen teacher
    JOINT = "joint"  # the models of all modalities at once, no teacher


class Sampling(StrEnum):
    """How the modalities of one training batch belong together."""

    PAIRED = "paired"  # the same samples, under the same D4 element
    INDEPENDENT = "independent"  # each modality shuffled and augmented on its own


@dataclass(frozen=True)
class Problem:
    """All that a method may know of the task.

    Attributes:
        channels: channel count of each modality of the run, in the data set's order.
        num_classes: number of classes C.
        seed: seed of the repetition's initial weights; equal networks of one repetition start from
            equal weights whatever the method.
    """

    channels: Mapping[str, int]
    num_classes: int
    seed: int

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities of the run."""
        return tuple(self.channels)


@dataclass(frozen=True)
class Batch:
    """One training batch on the device.

    Attributes:
        inputs: per modality, images (B, C, H, W), float32 in [0, 1], channels last in memory.
        targets: per modality, class indices (B,), int64. With paired sampling all are one tensor.
        teacher_logits: (B, classes), float32; None where the method has no teacher.
    """

    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    teacher_logits: Tensor | None = None

    @property
    def target(self) -> Tensor:
        """The class indices that all modalities of a paired batch share."""
        return next(iter(self.targets.values()))


@dataclass(frozen=True)
class Method(ABC):
    """Base of all methods. Fields are hyper-parameters; a suite file may override any of them.

    Attributes:
        name: the name in suite files and CSV columns.
        label: the name in tables.
        kind: see `Kind`.
        sampling: see `Sampling`.
        encoders_per_modality: what it costs per modality, in encoders; for estimates of time.
        probes: names of the parts that a suite can have evaluated alone; see `Learner.probes`.
        switches: protocol switch -> field that it sets, for the methods that a switch concerns.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kind: ClassVar[Kind]
    sampling: ClassVar[Sampling] = Sampling.PAIRED
    encoders_per_modality: ClassVar[int] = 1
    probes: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        """Build what the run trains, with the initial weights of `problem.seed`."""


@dataclass(frozen=True)
class DistillationMethod(Method):
    """A student that follows the logits of a frozen teacher.

    The loss is `task_weight` * CE(student logits, targets) + the distillation term. A plug-in
    changes the logits of the distillation term and leaves those of the cross-entropy alone.
    """

    kind = Kind.DISTILLATION
    task_weight: float = 1.0

    def distillation_loss(
        self, student_logits: Tensor, teacher_logits: Tensor, target: Tensor, epoch: int
    ) -> Tensor:
        """The distillation term, a scalar.

        Args:
            student_logits: (B, C), float32.
            teacher_logits: (B, C), float32, without gradient.
            target: (B,), class indices.
            epoch: current epoch, from 0.
        """
        raise NotImplementedError(
            f"{type(self).__name__} defines neither distillation_loss nor criterion"
        )

    def phase(self, epoch: int) -> int:
        """As `Learner.phase`, of the distillation term."""
        return epoch

    def criterion(self) -> nn.Module:
        """The distillation term as a module; override it where the term learns parameters.

        The module's forward takes the arguments of `distillation_loss`. Its parameters are trained
        by the student's optimiser.
        """
        from methods.learners.distillation import FixedCriterion

        return FixedCriterion(self)

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        from methods.learners.distillation import DistillationLearner
        from methods.networks.classifier import build_classifier

        student = build_classifier(problem.channels, problem.num_classes, problem.seed)
        return DistillationLearner(self, student, plugin)


def count_parameters(module: nn.Module) -> int:
    """Number of learned values in `module`, each shared tensor once."""
    return sum(parameter.numel() for parameter in module.parameters())
