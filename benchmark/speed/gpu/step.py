"""What a step of a GPU report gets, and what it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from benchmark.speed.gpu.progress import Report
from benchmark.speed.gpu.sizes import Sizes
from benchmark.speed.settings import SpeedSettings
from benchmark.speed.shapes import SHAPES

Result = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What all steps share.

    Attributes:
        console: shows how far it is.
        device: what is measured.
        sizes: of the steps.
        report: what earlier steps found.
        folder: where files of measured speed go.
        deadline: when the step must have ended, as `time.time` counts.
    """

    console: Console
    device: torch.device
    sizes: Sizes
    report: Report
    folder: Path
    deadline: float

    @property
    def seconds_left(self) -> float:
        """Until the deadline; at least 1."""
        return max(1.0, self.deadline - time.time())

    def settings(self, shape: str = "eurosat", **changes: Any) -> SpeedSettings:
        """What to measure of a shape, with some settings changed."""
        settings = SpeedSettings(
            shape=shape,
            batch_size=self.sizes.batch_size,
            device=str(self.device),
            precision="auto",
            methods=self.sizes.methods,
            rounds=self.sizes.rounds,
            steps=self.sizes.steps,
            threads=1,
            loader_workers=0,
        )
        return replace(settings, **changes)

    def epoch_steps(self, shape: str) -> int:
        """Steps of an epoch of a shape.

        They are for turns of the reference loop, whose loader processes begin anew in each. In
        turns of a few steps it would wait for them far more than it does in training.
        """
        steps = SHAPES[shape].split_sizes[0] // self.sizes.batch_size
        return min(steps, self.sizes.most_steps)


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: in the file.
        seconds: that it may take on a GPU, cautiously; it is begun where so many are left.
        do: does it; what it returns goes into the file.
    """

    name: str
    seconds: float
    do: Callable[[Context], Result]
