"""What is timed: something that trains and evaluates a few batches in each round."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

import torch

from benchmark import NUMERICS_VERSION
from benchmark.records.spec import DataSpec, RunSpec, Training
from benchmark.speed.shapes import Shape, make_noise
from benchmark.tasks import TASKS
from benchmark.training.task import TaskEngine
from benchmark.training.task_engines import ENGINES
from datasets import Dataset
from methods.reference import Reference

REPETITION = 0
LEARNING_RATE = 1e-4  # of floors and of the loop like the released scripts


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
        engine: of its task.
        spec: of STUDENT on it, with the settings that all trainings share.
        data: what the engine makes of the noise, on the device.
    """

    shape: Shape
    device: torch.device
    dtype: torch.dtype
    batch_size: int
    steps: int
    evaluated: int
    dataset: Dataset
    engine: TaskEngine
    spec: RunSpec
    data: Any


def set_up(
    shape: Shape,
    device: torch.device,
    dtype: torch.dtype,
    batch_size: int,
    steps: int,
    evaluated: int,
    rounds: int,
) -> Bench:
    """Make the noise and move it to the device.

    Arguments are the attributes of `Bench`, and the most rounds that a training may take: the
    epochs of its schedule, where it has one.
    """
    dataset = make_noise(shape, steps * batch_size, evaluated)
    task, engine = TASKS.get(dataset.task), ENGINES[dataset.task]
    spec = RunSpec(
        numerics=NUMERICS_VERSION,
        data=DataSpec(
            fingerprint=dataset.fingerprint,
            split="paper",
            image_size=None,
            normalisation="training_split",
        ),
        method=Reference.name,
        hyperparameters={},
        source="",
        plugin="none",
        modalities=(shape.student,),
        teacher=None,
        augmentation=task.augmentation({}),
        repetition=REPETITION,
        training=task.training(Training(epochs=rounds, batch_size=batch_size), smoke=False),
        network=task.network(shape.network, smoke=False),
    )
    data = engine.prepare(engine.load(dataset, device), spec)
    return Bench(shape, device, dtype, batch_size, steps, evaluated, dataset, engine, spec, data)


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
