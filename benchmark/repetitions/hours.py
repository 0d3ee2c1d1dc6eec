"""Hours that repetitions of runs take, on measured devices and as in the records."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from benchmark.planning.plan import PlannedRun
from benchmark.records.store import ResultStore
from benchmark.speed.estimate import by_device, can_estimate, estimate
from benchmark.speed.hours import SHIPPED
from benchmark.speed.measurement import FOLDER, Measurement, read_measurements

Runs = Mapping[int, Sequence[PlannedRun]]  # repetition -> its runs
AS_RECORDED = "as the records took"


class HoursOfRepetition:
    """Hours that one repetition takes, one run at a time, by where it is trained.

    Hours as recorded are those of the finished repetitions on the devices that they had.
    """

    def __init__(self, store: ResultStore) -> None:
        self._store = store
        measured = read_measurements((SHIPPED, store.folder / FOLDER))
        self._measured: Mapping[tuple[str, str], Sequence[Measurement]] = by_device(measured)

    def of(self, runs: Runs) -> dict[str, float]:
        """Where -> hours; a place where they are not known is left out."""
        found = {}
        if (recorded := self._recorded(runs.values())) is not None:
            found[AS_RECORDED] = recorded
        one = next(iter(runs.values()), ())
        if one and all(map(can_estimate, one)):
            for (device, setup), measurements in self._measured.items():
                if (estimated := estimate(one, measurements)) is not None:
                    found[f"{device}, {setup}"] = estimated.hours
        return found

    def _recorded(self, repetitions: Iterable[Sequence[PlannedRun]]) -> float | None:
        seconds = []
        for runs in repetitions:
            results = self._store.results_of(run.key for run in runs)
            if len(results) == len(runs):
                seconds.append(sum(result.seconds for result in results.values()))
        return fmean(seconds) / 3600 if seconds else None
