"""Which runs are logged already, so that a grid that goes on logs none of them again."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.tracking.base import Tracker, logged_run, without_secrets

FOLDER = "logged"


class LoggedRuns:
    """Logs each run to each place once, whatever number of processes works on the folder.

    That a run is logged is an empty file `logged/<place>/<key>` in the results folder, which only
    one process can create. It is removed where logging fails, so that the next start tries again;
    nothing that goes wrong with logging stops a grid.

    Args:
        store: the results folder.
        trackers: what to log to.
    """

    def __init__(self, store: ResultStore, trackers: Sequence[Tracker]) -> None:
        self._store = store
        self._trackers = [
            (tracker, store.folder / FOLDER / _folder_name(tracker)) for tracker in trackers
        ]

    def add(self, record: Record) -> Iterator[str]:
        """Log a record wherever it is not yet; yields what went wrong, a sentence each."""
        for tracker, folder in self._trackers:
            mark = folder / record.key
            try:
                if _create(mark):
                    tracker.log(logged_run(record))
            except BaseException as error:
                with suppress(OSError):
                    mark.unlink()
                if not isinstance(error, Exception):
                    raise
                reason = without_secrets(" ".join(str(error).split())) or type(error).__name__
                yield (
                    f"was not logged to {tracker.place}: {reason}; start the same command again "
                    "to log it"
                )

    def add_finished(self, runs: Iterable[PlannedRun]) -> Iterator[str]:
        """Log runs that were done before; yields what went wrong, a sentence each."""
        for run in runs:
            if all((folder / run.key).exists() for _, folder in self._trackers):
                continue
            # A run that is read from a former record is logged under the key that it has now.
            record = self._store.lookup(run.key)
            if record is not None:
                changes = {"key": run.key}
                for sentence in self.add(record.model_copy(update=changes)):
                    yield f"{run.description} {sentence}"


def _folder_name(tracker: Tracker) -> str:
    """The name of the tool, and what tells its places apart."""
    digest = hashlib.sha256(tracker.place.encode()).hexdigest()[:12]
    return f"{type(tracker).__name__.lower()}-{digest}"


def _create(mark: Path) -> bool:
    """Create an empty file; False where it is there."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
