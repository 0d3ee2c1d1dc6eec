"""A head that does not answer stops nobody for longer than its patience."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs Ray: pip install '.[ray]'")

from benchmark.planning.plan import PlannedRun
from benchmark.running.executors import ray_cluster, ray_head
from benchmark.running.executors.base import Ending, Task, WorkerSettings
from benchmark.running.executors.ray_cluster import RayExecutor
from benchmark.running.executors.ray_head import HeadGoneError, HeadWatch, Sight


class _Head:
    """A head that answers until its power is cut."""

    def __init__(self) -> None:
        self.power = threading.Event()
        self.power.set()
        self.switched_off_for_good = threading.Event()

    def look(self) -> Sight:
        asked = time.monotonic()
        self.answer()
        return Sight(frozenset({"node"}), {"CPU": 2.0}, asked)

    def answer(self) -> str:
        """What any call to it returns; never, as Ray's calls do, without power."""
        if not self.power.is_set():
            self.switched_off_for_good.wait()
        return "made"


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Head]:
    monkeypatch.setattr(ray_head, "LOOK", 0.05)
    made = _Head()
    yield made
    made.switched_off_for_good.set()


@pytest.fixture
def watch(head: _Head) -> Iterator[HeadWatch]:
    made = HeadWatch(patience=0.5, look=head.look)
    yield made
    made.stop()


def test_a_call_returns_what_the_head_answers(head: _Head, watch: HeadWatch) -> None:
    assert watch.ask(head.answer) == "made"
    assert watch.resource("CPU") == 2.0
    assert not watch.lost


def test_a_call_to_a_head_that_is_gone_ends(head: _Head, watch: HeadWatch) -> None:
    head.power.clear()
    with pytest.raises(HeadGoneError):
        watch.ask(head.answer)


def test_a_failure_of_the_call_is_the_callers(watch: HeadWatch) -> None:
    def refuse() -> str:
        raise ValueError("no such actor")

    with pytest.raises(ValueError, match="no such actor"):
        watch.ask(refuse)


def test_a_call_that_fails_since_the_head_is_gone_says_so(head: _Head, watch: HeadWatch) -> None:
    def fail() -> str:
        head.power.clear()
        raise ConnectionError("deadline exceeded")

    with pytest.raises(HeadGoneError):
        watch.ask(fail)


def test_one_run_is_enough_to_find_that_the_head_is_gone(
    head: _Head,
    plan_runs: Callable[..., list[PlannedRun]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_cluster.ray, "init", lambda *_, **__: None)
    monkeypatch.setattr(ray_cluster.ray, "shutdown", lambda: None)
    monkeypatch.setattr(ray_cluster, "HeadWatch", lambda wait: HeadWatch(wait, head.look))
    monkeypatch.setattr(ray_cluster, "_Actor", lambda *_: head.answer())
    settings = WorkerSettings(tmp_path, keep_all_weights=False, user_files=())
    executor = RayExecutor("auto", "cpu", None, settings, patience=0.5)
    first, second, *_ = (Task(run) for run in plan_runs())
    head.power.clear()
    assert executor.accepts(first)
    executor.submit(first)
    assert not executor.accepts(second)
    outcome = executor.wait(None)
    assert outcome is not None
    assert (outcome.key, outcome.ending) == (first.run.key, Ending.STOPPED)
    executor.close()
