"""What is left to do of a plan."""

from collections.abc import Iterable

from benchmark.planning.plan import PlannedRun
from benchmark.records.store import ResultStore


def runs_to_do(runs: Iterable[PlannedRun], store: ResultStore) -> list[PlannedRun]:
    """The runs without a result, in the given order.

    A teacher with a record but without weights is done again where a student still needs it.
    """
    planned = list(runs)
    missing = {run.key for run in planned} - store.results_of(run.key for run in planned).keys()
    needed_teachers = {run.teacher_key for run in planned if run.key in missing}
    missing |= {
        run.key for run in planned if run.key in needed_teachers and not store.has_weights(run.key)
    }
    return [run for run in planned if run.key in missing]
