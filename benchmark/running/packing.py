"""Which runs may share a GPU, judged by what runs of the same shape needed before."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmark.records.record import Record
from benchmark.records.spec import RunSpec

# A process needs memory before its first tensor, and the allocator more than it hands out.
CONTEXT_BYTES = 600 * 2**20
HEADROOM = 0.9  # share of a device's memory that runs may take together
MOST_RUNS_PER_GPU = 8  # more processes would wait for each other's kernels


def shape_of(spec: RunSpec, precision: str) -> str:
    """What decides how much memory a run needs; runs of equal shape need as much.

    The repetition, the number of epochs and the learning rate do not matter. `precision` is the
    one that it is trained in, which the specs of earlier records do not tell.
    """
    parts = {
        "method": spec.method,
        "hyperparameters": spec.hyperparameters,
        "plugin": spec.plugin,
        "modalities": spec.modalities,
        "teacher": spec.teacher and spec.teacher.model_dump(mode="json", exclude={"key", "view"}),
        "data": (spec.data.fingerprint, spec.data.image_size),
        "batch": spec.training.batch_size,
        "augmentation": spec.model_dump(mode="json", include={"augmentation"}),
        "network": spec.network,
        "precision": precision,
        "source": spec.source,
        "given": bool(spec.weights),  # and not trained, which takes less
    }
    return json.dumps(parts, sort_keys=True)


class MemoryNeeds:
    """Peak memory by shape, from the records of runs that had a GPU for themselves."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._peaks: dict[str, int] = {}
        for record in records:
            self.learn(record)

    def learn(self, record: Record) -> None:
        """Take a record into account, unless it is of a CPU, or of a run that shared its GPU."""
        on_gpu = not record.environment.device.startswith("CPU")
        if on_gpu and not record.resources.shared_device:
            shape = shape_of(record.spec, record.environment.precision)
            peak = record.resources.peak_memory_bytes
            self._peaks[shape] = max(peak, self._peaks.get(shape, 0))

    def of(self, spec: RunSpec) -> int | None:
        """Bytes that a run will need, its process included; None where no such run was seen."""
        peak = self._peaks.get(shape_of(spec, spec.training.precision))
        return None if peak is None else peak + CONTEXT_BYTES


def runs_that_fit(need: int, total_bytes: int) -> int:
    """How many runs that need so many bytes each may share a GPU; at least 1."""
    return max(1, min(MOST_RUNS_PER_GPU, int(HEADROOM * total_bytes) // need))


@dataclass
class DeviceLoad:
    """What runs on one device at the moment.

    Attributes:
        total_bytes: memory of the device; None for the CPU, which is not packed.
        limit: runs at once, whatever fits.
        running: key -> bytes that the run needs; None where nobody knows, or where it must be
            alone, because it ran out of memory next to others.
        together: runs that one process trains at the same time, if they are of the same data.
    """

    total_bytes: int | None
    limit: int
    running: dict[str, int | None] = field(default_factory=dict)
    together: int = 1

    def admits(self, need: int | None) -> bool:
        """Whether a run that needs so many bytes may start now; None needs the device alone."""
        if len(self.running) >= self.limit:
            return False
        if not self.running or self.total_bytes is None:
            return True
        needs = [need, *self.running.values()]
        known = [each for each in needs if each is not None]
        return len(known) == len(needs) and sum(known) <= HEADROOM * self.total_bytes
