"""Looks at a results folder again and again, and remembers what cannot change any more."""

from collections.abc import Iterable
from datetime import UTC, datetime

from benchmark.pages.watching.view import GridView, RunCell, RunUnderWay, State
from benchmark.planning.plan import STUDENT, TEACHER, Plan
from benchmark.records.advance import Advance
from benchmark.records.claims import ClaimsOverview, Owner
from benchmark.records.status import Failure, Work, read_failures, seconds_left
from benchmark.records.store import ResultStore


class Watcher:
    """Watches the runs of a plan.

    It may be asked in a thread of its own: it shares no store with those who write.

    Args:
        title: names of the suites.
        plan: their runs.
        store: what is done; only read, and only here.
        since: failures noted before count as waiting, since they are about to be tried again; None
            where nobody is.
    """

    def __init__(
        self, title: str, plan: Plan, store: ResultStore, since: datetime | None = None
    ) -> None:
        self._title = title
        self._runs = plan.runs
        self._labels = {key: run.spec.method_name for key, run in plan.runs.items()}
        self._descriptions = {key: run.description for key, run in plan.runs.items()}
        # References are called by their part in tables, unless they have two.
        parts: dict[str, set[str]] = {}
        for cell in plan.cells:
            if cell.method in (TEACHER, STUDENT):
                parts.setdefault(cell.run, set()).add(cell.method)
        self._labels |= {key: min(names) for key, names in parts.items() if len(names) == 1}
        self._seconds = {key: result.seconds for key, result in store.results_of(plan.runs).items()}
        self._store = ResultStore(store.folder)
        self._store.former |= store.former
        self._since = since

    def look(self) -> GridView:
        """How the grid stands now."""
        claims = self._store.claims.overview()
        for key in (self._runs.keys() - self._seconds.keys()) & set(self._store.files.all_keys()):
            if (result := self._store.result(key)) is not None:
                self._seconds[key] = result.seconds
        failures = self._failures()
        states = self._states(claims, {failure.key for failure in failures})
        running = {key: owner for key, owner in claims.held.items() if key in self._runs}
        advances = {key: self._store.advances.find(key) for key in running}
        columns = dict.fromkeys(run.source.name for run in self._runs.values())
        rows: dict[str, dict[str, list[RunCell]]] = {}
        for key, run in self._runs.items():
            row = rows.setdefault(self._labels[key], {name: [] for name in columns})
            cell = RunCell(self._descriptions[key], states[key], advances.get(key))
            row[run.source.name].append(cell)
        return GridView(
            title=self._title,
            columns=list(columns),
            rows=rows,
            under_way=[
                self._under_way(key, owner, advances[key]) for key, owner in sorted(running.items())
            ],
            failures=failures,
            seconds_left=seconds_left(self._work(), max(len(running), 1)),
        )

    def _failures(self) -> list[Failure]:
        return [
            failure
            for failure in read_failures(self._store)
            if failure.key in self._runs and (self._since is None or failure.when >= self._since)
        ]

    def _states(self, claims: ClaimsOverview, failed: set[str]) -> dict[str, State]:
        states = {}
        for key, run in self._runs.items():
            if key in claims.held:
                states[key] = State.RUNNING
            elif key in self._seconds:
                states[key] = State.DONE
            elif key in failed:
                states[key] = State.FAILED
            elif run.teacher_key in failed and run.teacher_key not in claims.held:
                states[key] = State.BLOCKED
            else:
                states[key] = State.WAITING
        return states

    def _under_way(self, key: str, owner: Owner | None, advance: Advance | None) -> RunUnderWay:
        description = self._descriptions[key]
        if owner is None:
            return RunUnderWay(description, "unknown", 0.0, advance)
        seconds = (datetime.now(UTC) - owner.since).total_seconds()
        return RunUnderWay(description, f"{owner.host} {owner.device}", seconds, advance)

    def _work(self) -> Iterable[Work]:
        for key, run in self._runs.items():
            kind = (run.source.name, run.spec.method, run.spec.plugin)
            yield Work(kind, run.cost, self._seconds.get(key))
