"""Hours that a plan's runs will take, from measured speed; needs no PyTorch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmark.planning.plan import PlannedRun
from benchmark.speed.measurement import STUDENT, TEACHER, Measurement, Timing, engine_name
from datasets import CARDS
from methods.reference import Reference


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
    """Whether the size of a run's images is known without opening them, and its networks measured.

    Measurements are of networks without settings.
    """
    return run.source.kind == "published" and not run.spec.network


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


def estimate(runs: Iterable[PlannedRun], measured: Sequence[Measurement]) -> Estimate:
    """Estimate runs by what was measured on one device.

    A run takes its cost times the measured time of an image in its method: of the same method and
    plug-in on the same modalities where that was measured, else of the same method, else of
    STUDENT per encoder. Teacher tables and the test at the end are left out; against 300 epochs
    they are less than 1 %.

    Args:
        runs: those that `can_estimate`.
        measured: on one device with one set-up, at least one.
    """
    seconds, scaled = 0.0, 0
    for run in runs:
        card = CARDS.get(run.source.name)
        size = run.spec.data.image_size or card.image_size
        nearest = min(measured, key=lambda found: _distance(found, card.name, size))
        pixels = (size / nearest.setup.image_size) ** 2
        seconds += run.cost * _seconds_per_image(nearest, run) * pixels
        scaled += nearest.setup.image_size != size
    return Estimate(seconds / 3600, scaled)


def _distance(measurement: Measurement, dataset: str, size: int) -> tuple[float, bool]:
    """How far a measurement is from a data set: in the ratio of sizes first, then in the name."""
    own = measurement.setup.image_size
    return max(own, size) / min(own, size), measurement.setup.dataset != dataset


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
