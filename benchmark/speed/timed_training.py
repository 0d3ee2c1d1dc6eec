"""What is timed: something that trains and evaluates a few batches in each round."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch

from benchmark.records.spec import DataSpec
from benchmark.speed.shapes import Shape, make_noise
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from datasets import Dataset

REPETITION = 0


@dataclass(frozen=True)
class Bench:
    """What all trainings that are timed share.

    Attributes:
        shape: of the images.
        device: where everything is.
        dtype: precision of the suite's encoders and of the floors.
        batch_size: samples of a step.
        steps: training steps in a round.
        evaluated: samples that are evaluated in a round.
        dataset: noise in host memory: `steps` batches to train on, and the evaluated samples.
        data: the same on the device.
    """

    shape: Shape
    device: torch.device
    dtype: torch.dtype
    batch_size: int
    steps: int
    evaluated: int
    dataset: Dataset
    data: TrainingData


def set_up(
    shape: Shape,
    device: torch.device,
    dtype: torch.dtype,
    batch_size: int,
    steps: int,
    evaluated: int,
) -> Bench:
    """Make the noise and move it to the device; arguments as the attributes of `Bench`."""
    dataset = make_noise(shape, steps * batch_size, evaluated)
    spec = DataSpec(
        fingerprint=dataset.fingerprint,
        split="paper",
        image_size=None,
        normalisation="training_split",
    )
    data = prepare_data(ResidentData(dataset, device), spec, REPETITION)
    return Bench(shape, device, dtype, batch_size, steps, evaluated, dataset, data)


class TimedTraining(ABC):
    """A training that is compared with others: one row of the table.

    Attributes:
        name: see `Timing`; so are the others.
    """

    name: str
    kind: Literal["engine", "floor", "reference"]
    modalities: tuple[str, ...]
    encoders: int = 1
    floor: str | None = None
    evaluations: int = 0

    @abstractmethod
    def train(self, round_number: int) -> None:
        """Do the training steps of a round; `round_number` is from 0."""

    @abstractmethod
    def evaluate(self) -> None:
        """Do the evaluation of a round; called only where `evaluations` is not 0."""
