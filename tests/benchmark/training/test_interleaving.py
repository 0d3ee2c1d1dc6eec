"""Several trainings interleaved in one process."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Ending, Outcome, Task, begin
from benchmark.running.executors.local import LocalExecutor, WorkerSettings
from benchmark.running.packing import DeviceLoad
from benchmark.running.worker import Worker
from benchmark.training.interleaving import Interleaver, TrainingSteps
from methods.registry import METHODS, load_user_file

MakeRuns = Callable[..., list[PlannedRun]]
CPU = torch.device("cpu")
OWN_METHOD = """
from torch.nn import functional as F

from methods import DistillationMethod, register_method


@register_method
class DroppedKD(DistillationMethod):
    name = "dropped_kd"
    label = "Dropped"

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        return (F.dropout(student_logits) - teacher_logits).square().mean()
"""


@pytest.fixture
def own_method(tmp_path: Path) -> Path:
    """A user's method that draws random numbers while it trains."""
    path = tmp_path / "dropped_kd.py"
    path.write_text(OWN_METHOD)
    if "dropped_kd" not in METHODS:
        load_user_file(path)
    return path


def _store(folder: Path) -> ResultStore:
    store = ResultStore(folder)
    store.prepare()
    return store


def _numbers(store: ResultStore, run: PlannedRun) -> dict[str, Any]:
    """All of a record that must not depend on when and where it was made."""
    record = store.lookup(run.key)
    assert isinstance(record, Record)
    curves = {"loss_curve", "term_curves", "findings"}
    return record.model_dump(include={"key", "spec", "data", "deployments", "files", *curves})


def _draws(times: int, seen: list[float]) -> TrainingSteps[str]:
    for _ in range(times):
        seen.append(float(torch.rand(())))
        yield
    return f"{times} drawn"


def test_each_training_has_random_numbers_of_its_own() -> None:
    def draw(seeds: dict[str, int]) -> tuple[dict[str, list[float]], list[tuple[str, str]]]:
        interleaver: Interleaver[str, str] = Interleaver(CPU)
        seen: dict[str, list[float]] = {name: [] for name in seeds}
        for name, seed in seeds.items():
            interleaver.add(name, _draws(3 + seed, seen[name]), seed)
        return seen, interleaver.finish()

    torch.manual_seed(9)
    expected = torch.rand(2)
    torch.manual_seed(9)
    together, ended = draw({"a": 1, "b": 2})
    assert torch.equal(torch.rand(2), expected)  # the process's own are left alone
    assert ended == [("a", "4 drawn"), ("b", "5 drawn")]
    assert together["a"] == draw({"a": 1})[0]["a"]
    assert together["b"] == draw({"b": 2})[0]["b"]
    assert together["a"][:4] != together["b"][:4]


@pytest.mark.usefixtures("own_method")
def test_runs_side_by_side_have_the_bits_of_runs_alone(
    plan_runs: MakeRuns,
    tmp_path: Path,
    miniature_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(miniature_data)
    training = {"epochs": 1, "batch_size": 32}
    runs = plan_runs(seeds=2, methods=["dropped_kd"], training=training)
    teachers = [run for run in runs if run.teacher_key is None]
    students = [run for run in runs if run.teacher_key is not None]
    assert {run.spec.method for run in students} == {"dropped_kd"}

    alone = _store(tmp_path / "alone")
    worker = Worker(alone, CPU)
    for seed, run in enumerate([*teachers, *students]):
        torch.manual_seed(seed)  # the key alone decides, whatever the process drew before
        assert worker.execute(run) is not None

    together = _store(tmp_path / "together")
    worker = Worker(together, CPU)
    interleaver: Interleaver[str, Outcome] = Interleaver(CPU)
    for group in (teachers, students):
        for run in group:
            begin(interleaver, worker, Task(run))
        assert len(interleaver) == len(group)
        assert {outcome.ending for _, outcome in interleaver.finish()} == {Ending.DONE}
    for run in runs:
        assert _numbers(together, run) == _numbers(alone, run)


def test_one_that_fails_leaves_the_others_alone(
    plan_runs: MakeRuns, tmp_path: Path, miniature_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(miniature_data)
    good = plan_runs(training={"epochs": 1, "batch_size": 32})[0]
    bad = plan_runs(training={"epochs": 1, "batch_size": 32, "learning_rate": 1e30})[0]
    store = _store(tmp_path)
    worker = Worker(store, CPU)
    interleaver: Interleaver[str, Outcome] = Interleaver(CPU)
    begin(interleaver, worker, Task(bad))
    begin(interleaver, worker, Task(good))
    outcomes = dict(interleaver.finish())
    assert outcomes[bad.key].ending is Ending.FAILED
    assert "the loss became" in outcomes[bad.key].reason
    assert outcomes[good.key].ending is Ending.DONE
    assert not store.claims.overview().held


def test_runs_of_the_same_data_share_a_process_and_its_death(
    plan_runs: MakeRuns, tmp_path: Path, miniature_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(miniature_data)
    runs = [run for run in plan_runs(seeds=2, training={"epochs": 9999}) if run.teacher_key is None]
    short, *long = plan_runs(training={"epochs": 1, "batch_size": 32})[:1] + runs[:3]
    store = _store(tmp_path)
    settings = WorkerSettings(tmp_path, keep_all_weights=False, user_files=())
    executor = LocalExecutor({CPU: DeviceLoad(None, 4, together=3)}, settings, most=4)
    try:
        for run in (*long, short):
            assert executor.accepts(Task(run))
            executor.submit(Task(run))
        assert not executor.accepts(Task(short))
        outcome = executor.wait(None)
        assert outcome is not None
        assert (outcome.key, outcome.ending) == (short.key, Ending.DONE)
        record = store.lookup(short.key)
        assert record is not None
        assert record.resources.shared_device
        while not {run.key for run in long} <= (held := store.claims.overview().held).keys():
            time.sleep(0.1)
        (pid,) = {owner.pid for run in long if (owner := held[run.key]) is not None}
        os.kill(pid, signal.SIGKILL)
        outcomes = [executor.wait(None) for _ in long]
        assert {outcome.ending for outcome in outcomes if outcome} == {Ending.LOST}
        assert executor.accepts(Task(short))
    finally:
        executor.close()
