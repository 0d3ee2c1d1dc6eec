"""Figures with their spread, from the seconds of a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmark.speed.measurement import REFERENCE_LOOP, STUDENT, Measurement, Timing
from methods.dkd import DKD


@dataclass(frozen=True)
class Spread:
    """Median and quartiles over the rounds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """One training's figures; ratios are taken within each round. None where there is nothing.

    Attributes:
        name: the training's.
        step: seconds of a training step.
        images_per_second: of training alone, all modalities counted.
        share_of_floor: seconds of the floor over seconds of the step; 1 is as fast as the floor.
        epoch: seconds of an epoch with its evaluation.
        to_student: epoch over STUDENT's epoch.
    """

    name: str
    step: Spread
    images_per_second: Spread
    share_of_floor: Spread | None
    epoch: Spread | None
    to_student: Spread | None


@dataclass(frozen=True)
class AgainstReference:
    """DKD's images per second over those of the reference loop, which is DKD too.

    Attributes:
        epoch: over an epoch, with validation here, with validation and test there.
        step: over training steps alone.
    """

    epoch: Spread
    step: Spread


def figures(measurement: Measurement) -> list[Figures]:
    """The figures of every training, in the measurement's order."""
    timings = {timing.name: timing for timing in measurement.timings}
    student = timings.get(STUDENT)
    return [
        Figures(
            name=timing.name,
            step=spread([seconds / measurement.setup.steps for seconds in timing.training]),
            images_per_second=spread([_images(measurement, timing) / s for s in timing.training]),
            share_of_floor=paired(floor.training, timing.training)
            if (floor := timings.get(timing.floor or ""))
            else None,
            epoch=spread(measurement.epochs(timing)) if timing.evaluation else None,
            to_student=paired(measurement.epochs(timing), measurement.epochs(student))
            if student and timing.kind == "engine"
            else None,
        )
        for timing in measurement.timings
    ]


def against_reference(measurement: Measurement) -> AgainstReference | None:
    """None where one of both was not measured."""
    timings = {timing.name: timing for timing in measurement.timings}
    loop, dkd = timings.get(REFERENCE_LOOP), timings.get(DKD.name)
    if loop is None or dkd is None:
        return None
    return AgainstReference(
        epoch=paired(measurement.epochs(loop), measurement.epochs(dkd)),
        step=paired(loop.training, dkd.training),
    )


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles of at least one value; of a single one that value three times."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median(values), low, high)


def _images(measurement: Measurement, timing: Timing) -> int:
    """Images of a round's training steps."""
    setup = measurement.setup
    return setup.steps * setup.batch_size * len(timing.modalities)


def paired(upper: Sequence[float], lower: Sequence[float]) -> Spread:
    """The spread of the ratios within rounds."""
    return spread([above / below for above, below in zip(upper, lower, strict=True)])
