"""Runs in this process, one after another: the simplest executor, and the one to debug with."""

from benchmark.running.executors.base import Outcome, Task, execute
from benchmark.running.worker import Worker


class InlineExecutor:
    """Executes each run when its outcome is waited for."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._submitted: list[Task] = []

    def accepts(self, task: Task) -> bool:
        """One task at a time."""
        return not self._submitted

    def submit(self, task: Task) -> None:
        """Keep the task until `wait`."""
        self._submitted.append(task)

    def wait(self, seconds: float | None) -> Outcome:
        """Execute the run that was submitted first, however long it takes."""
        return execute(self._worker, self._submitted.pop(0))

    def close(self) -> None:
        """Forget runs that were not executed."""
        self._submitted.clear()
