"""Hours that a plan's runs will take, from measured speed; needs no PyTorch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from benchmark.planning.plan import PlannedRun
from benchmark.speed.measurement import STUDENT, TEACHER, Measurement, Timing, engine_name
from benchmark.speed.shapes import SHAPES
from benchmark.tasks import TASKS
from datasets import CARDS
from methods.reference import Reference

# Shape -> the command that measures it: one of each task, as all of a task have equal networks.
_COMMANDS = {"eurosat": "speed", "midair": "speed --shape midair"}


@dataclass(frozen=True)
class Estimate:
    """What runs will take on one device, one at a time.

    Attributes:
        hours: of all of them.
        scaled: how many have images of a size that was not measured; their time is that of the
            nearest measured size times the ratio of pixels.
    """

    hours: float
    scaled: int


def can_estimate(run: PlannedRun) -> bool:
    """Whether the size of a run's images is known without opening them."""
    return run.source.kind == "published"


def command_to_measure(run: PlannedRun) -> str | None:
    """The command that measures the networks of a run; None where there is none.

    Args:
        run: one that `can_estimate`.
    """
    task = CARDS.get(run.source.name).task
    for shape, command in _COMMANDS.items():
        if SHAPES[shape].card.task == task and _equal(_measured_networks(shape), run.spec.network):
            return command
    return None


@cache
def _measured_networks(shape: str) -> Mapping[str, Any]:
    """Settings of the networks that are timed on a shape."""
    return TASKS.get(SHAPES[shape].card.task).network(SHAPES[shape].network, smoke=False)


def by_device(measurements: Iterable[Measurement]) -> dict[tuple[str, str], list[Measurement]]:
    """Device, and what is the same for all of its shapes in a few words -> what was measured."""
    found = defaultdict(list)
    for measurement in measurements:
        environment, batch = measurement.environment, measurement.setup.batch_size
        setup = [environment.precision, f"batch {batch}"]
        if environment.device.startswith("CPU"):
            setup.append(f"threads {environment.threads}")
        found[environment.device, ", ".join(setup)].append(measurement)
    return dict(sorted(found.items()))


def estimate(runs: Iterable[PlannedRun], measured: Sequence[Measurement]) -> Estimate | None:
    """Estimate runs by what was measured on one device.

    A run takes its cost times the measured time of an image in its method: of the same method and
    plug-in on the same modalities where that was measured, else of the same method, else of
    STUDENT per encoder. Teacher tables and the test at the end are left out; against 300 epochs
    they are less than 1 %.

    Args:
        runs: those that `can_estimate`.
        measured: on one device with one set-up, at least one.

    Returns:
        None where the networks of a run were not measured.
    """
    seconds, scaled = 0.0, 0
    for run in runs:
        card = CARDS.get(run.source.name)
        own = [found for found in measured if _equal(found.setup.network, run.spec.network)]
        if not own:
            return None
        height, width = card.size(run.spec.data.image_size)
        pixels = height * width
        nearest = min(own, key=lambda found: _distance(found, card.name, pixels))
        ratio = pixels / nearest.setup.pixels
        seconds += run.cost * _seconds_per_image(nearest, run) * ratio
        scaled += ratio != 1
    return Estimate(seconds / 3600, scaled)


def _equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether networks are the same but for what they start from, which changes no time."""
    measured, planned = (
        {key: value for key, value in settings.items() if key != "weights"}
        for settings in (one, other)
    )
    return measured == planned


def _distance(measurement: Measurement, dataset: str, pixels: int) -> tuple[float, bool]:
    """How far a measurement is from a data set: in the ratio of pixels first, then in the name."""
    own = measurement.setup.pixels
    return max(own, pixels) / min(own, pixels), measurement.setup.dataset != dataset


def _seconds_per_image(measurement: Measurement, run: PlannedRun) -> float:
    """Seconds per unit of a run's cost: an image that passes through one encoder in training."""
    timing = _closest(measurement, run)
    images = measurement.setup.split_sizes[0] * len(timing.modalities) * timing.encoders
    return median(measurement.epochs(timing)) / images


def _closest(measurement: Measurement, run: PlannedRun) -> Timing:
    spec = run.spec
    timings = {timing.name: timing for timing in measurement.timings}
    names = [engine_name(spec.method, spec.plugin), spec.method, STUDENT]
    if spec.method == Reference.name:
        own = [timings[name] for name in (STUDENT, TEACHER) if name in timings]
        names = [timing.name for timing in own if timing.modalities == spec.modalities] + [STUDENT]
    return next(timings[name] for name in names if name in timings)
