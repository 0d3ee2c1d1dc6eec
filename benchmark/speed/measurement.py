"""What a measurement of speed leaves: one JSON file per device, shape and set-up."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from benchmark.records.record import Environment
from core.models import StrictModel

FOLDER = "speed"  # inside a results folder
REFERENCE_LOOP = "reference loop"
STUDENT, TEACHER = "student", "teacher"


def engine_name(method: str, plugin: str) -> str:
    """What a method with a plug-in, or "none", is called."""
    return method if plugin == "none" else f"{method}+{plugin}"


class Setup(StrictModel):
    """What was measured.

    Attributes:
        shape: its name.
        dataset: name of the data set that has this shape.
        image_size: side in pixels; the height where images are not square.
        width: where they are not.
        channels: modality -> channels; the teacher's first, the student's second.
        split_sizes: samples of training, validation and test of that data set.
        batch_size: samples of a step.
        steps: training steps in a round.
        evaluated: samples that are evaluated in a round.
        loader_workers: processes that prepare the reference loop's batches; 0 for its own.
        load: the system's load average over the last minute, at the end; more than `threads` where
            other work ran at the same time. None where the system has none.
        network: settings of the networks; empty where they have none.
    """

    shape: str
    dataset: str
    image_size: int
    width: int | None = None
    channels: dict[str, int]
    split_sizes: tuple[int, int, int]
    batch_size: int
    steps: int
    evaluated: int
    loader_workers: int
    load: float | None
    network: dict[str, Any] = Field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image_size, self.width or self.image_size

    @property
    def pixels(self) -> int:
        """Of an image."""
        height, width = self.size
        return height * width


class Timing(StrictModel):
    """The seconds that one training took in each round.

    Attributes:
        name: of the suite's own training `STUDENT`, `TEACHER` or as `engine_name` makes it;
            "floor of" one of those; `REFERENCE_LOOP`.
        kind: the suite's step, the bare network, or the loop like the released scripts.
        modalities: what is trained.
        encoders: encoders that each modality's images pass through in training.
        floor: the name of its floor; None for what has none.
        training: seconds of `steps` training steps, per round.
        evaluation: seconds of evaluating `evaluated` samples, per round; empty for floors.
        evaluations: samples that are evaluated after each epoch, of the whole data set.
        working_memory: bytes that a round took on a GPU beyond what is resident; None on the CPU.
    """

    name: str
    kind: Literal["engine", "floor", "reference"]
    modalities: tuple[str, ...]
    encoders: int
    floor: str | None
    training: list[float]
    evaluation: list[float]
    evaluations: int
    working_memory: int | None


class Measurement(StrictModel):
    """One measurement. Ratios are computed from it, see `benchmark.speed.ratios`."""

    setup: Setup
    environment: Environment
    timings: list[Timing]
    teacher_table: float = Field(
        description="seconds for a teacher's logits of `steps` batches under all eight views; 0 "
        "where it is run on every batch"
    )
    measured: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        """A name for its file; measuring the same again gives the same name."""
        environment, setup = self.environment, self.setup
        threads = f"threads-{environment.threads}" if environment.device.startswith("CPU") else ""
        parts = (environment.device, setup.shape, f"batch-{setup.batch_size}", threads)
        text = " ".join((*parts, environment.precision))
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

    def epochs(self, timing: Timing) -> list[float]:
        """Seconds of an epoch on the whole data set, from each round: training and evaluation."""
        setup = self.setup
        trained = setup.split_sizes[0] / (setup.steps * setup.batch_size)
        evaluated = timing.evaluations / setup.evaluated
        pairs = zip(timing.training, timing.evaluation, strict=True)
        return [trained * training + evaluated * evaluation for training, evaluation in pairs]


def read_measurements(folders: Iterable[Path]) -> Iterator[Measurement]:
    """All measurements in some folders, each name once; files that are none are passed over."""
    files = {path.name: path for folder in folders for path in sorted(folder.glob("*.json"))}
    for path in files.values():
        try:
            content = json.loads(path.read_bytes())
            yield Measurement.model_validate(content["measurement"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
