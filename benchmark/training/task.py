"""What training does its own way for a task: the interface that each task implements."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.scores import AnyScores
from benchmark.records.spec import RunSpec, TeacherSpec
from benchmark.training.order import Order
from benchmark.training.teacher import Teacher
from datasets import Dataset, Split
from methods import Batch, Sampling

Part = Literal["validation", "test"]
# File of arrays beside a record -> the array of one network.
TestArrays = Mapping[str, NDArray[Any]]


class PreparedData(Protocol):
    """What one repetition makes of a data set that is on the device."""

    @property
    def split(self) -> Split:
        """The split, in host memory."""


@dataclass(frozen=True)
class Need:
    """What a training asks of its data.

    Attributes:
        modalities: what the learner reads.
        sampling: how the modalities of a batch belong together.
        teacher_features: names of what a batch must hold of the teacher beside its logits.
        device: where everything is.
        shuffled_teacher: the teacher sees another sample of the same class than the student.
    """

    modalities: tuple[str, ...]
    sampling: Sampling
    teacher_features: tuple[str, ...]
    device: torch.device
    shuffled_teacher: bool = False


class TaskTraining(ABC):
    """One training of a task: where its batches come from, and what its networks are judged by.

    Attributes:
        need: what the training asks for.
        teacher: gives what batches hold of a teacher; None for methods without one.
        samples: number of training samples.
    """

    need: Need
    teacher: Teacher | None
    samples: int

    @abstractmethod
    def bounds(self) -> Sequence[tuple[int, int]]:
        """First and last + 1 place of each batch of an epoch."""

    @abstractmethod
    def epoch(self, epoch: int) -> Iterator[Mapping[str, Order]]:
        """The orders of the batches of an epoch, as many as `bounds` has; `epoch` from 0."""

    @abstractmethod
    def gather(self, orders: Mapping[str, Any]) -> Batch:
        """Make the batch of an order; all of it on the device, so that it can be recorded."""

    @abstractmethod
    def optimiser(
        self, parameters: Iterable[nn.Parameter], capturable: bool
    ) -> torch.optim.Optimizer:
        """The optimiser with its schedule; `capturable` where its step is recorded."""

    @abstractmethod
    def confusion(self, network: nn.Module, part: Part) -> Tensor:
        """Counts (C, C), int64, on the device: rows are true classes, columns predicted ones."""

    @abstractmethod
    def headline(self, confusion: Tensor) -> Tensor:
        """The score that selects checkpoints, a scalar on the device."""

    @abstractmethod
    def scores(self, confusion: Tensor) -> AnyScores:
        """All scores of a confusion matrix."""

    @abstractmethod
    def test_arrays(self, network: nn.Module) -> TestArrays:
        """What is kept of a network's predictions on the test part."""


class TaskEngine(ABC):
    """Makes the trainings of a task."""

    @abstractmethod
    def load(self, dataset: Dataset, device: torch.device) -> Any:
        """Put a data set on the device, once for all repetitions."""

    @abstractmethod
    def prepare(self, loaded: Any, spec: RunSpec) -> PreparedData:
        """Make what a repetition needs of it; equal for specs of equal data and network."""

    @abstractmethod
    def teacher(self, network: nn.Module, spec: TeacherSpec, data: Any) -> Teacher:
        """What gives batches their part of a trained teacher."""

    @abstractmethod
    def training(
        self, spec: RunSpec, need: Need, data: Any, teacher: Teacher | None
    ) -> TaskTraining:
        """One training."""

    def training_images(
        self, data: Any, modalities: Sequence[str]
    ) -> Iterator[Mapping[str, Tensor]]:
        """All training images without augmentation, in order, in blocks of fixed size."""
        raise NotImplementedError("no method of this task asks for its training images")

    @abstractmethod
    def training_labels(self, data: Any) -> Sequence[int]:
        """Class indices of the training samples; empty where a sample has one per position."""

    @abstractmethod
    def samples_arrays(self, data: Any) -> dict[str, dict[str, NDArray[Any]]]:
        """What is kept of the test samples themselves: file -> name -> array."""
