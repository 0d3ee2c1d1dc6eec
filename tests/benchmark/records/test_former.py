"""Records from before precision was resolved in keys stand for the runs of today."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.remaining import runs_to_do
from benchmark.running.worker import Worker
from benchmark.training.precision import precision_for_all

MakeRecord = Callable[..., Record]
MakeRuns = Callable[..., list[PlannedRun]]
Precision = Literal["fp32", "bf16"]
PREDICTIONS = {"indices": np.array([4, 5]), "targets": np.array([0, 1]), "DEPTH": np.array([0, 0])}
TEACHER, STUDENT, DKD = 0, 1, 2
CPU = torch.device("cpu")


@pytest.fixture
def save(tmp_path: Path, plan_runs: MakeRuns, make_record: MakeRecord) -> Callable[..., Record]:
    """Store the record that the run at this place of the plan left before, made so."""
    former = plan_runs(training={"precision": "auto"})

    def call(place: int, precision: Precision, weights: bytes | None = b"before") -> Record:
        record = make_record(former[place], {"DEPTH": 0.5})
        made = record.environment.model_copy(update={"precision": precision})
        store = ResultStore(tmp_path)
        store.prepare()
        store.save(record.model_copy(update={"environment": made}), PREDICTIONS, weights)
        return record

    return call


def _store(folder: Path, runs: list[PlannedRun]) -> ResultStore:
    store = ResultStore(folder)
    for run in runs:
        store.former |= run.former
    return store


@pytest.mark.parametrize(
    ("teacher", "student", "wanted", "found"),
    [
        ("bf16", "bf16", "bf16", {TEACHER, DKD}),
        ("fp32", "fp32", "fp32", {TEACHER, DKD}),
        ("bf16", "bf16", "fp32", set()),
        ("bf16", "fp32", "fp32", set()),  # its teacher was another one
        (None, "fp32", "fp32", {DKD}),  # nothing speaks against it
    ],
)
def test_a_former_record_fills_the_run_of_its_precision_alone(
    tmp_path: Path,
    plan_runs: MakeRuns,
    save: Callable[..., Record],
    teacher: Precision | None,
    student: Precision,
    wanted: Precision,
    found: set[int],
) -> None:
    if teacher is not None:
        save(TEACHER, teacher)
    save(DKD, student)
    runs = plan_runs(training={"precision": wanted})
    store = _store(tmp_path, runs)
    assert {runs.index(run) for run in runs if store.result(run.key)} == found
    assert {runs.index(run) for run in runs if store.lookup(run.key)} == found
    for place in found:
        assert store.read_weights(runs[place].key) == b"before"
        assert store.read_predictions(runs[place].key)["indices"].tolist() == [4, 5]


def test_a_record_of_its_own_comes_first(
    tmp_path: Path, plan_runs: MakeRuns, make_record: MakeRecord, save: Callable[..., Record]
) -> None:
    before = save(TEACHER, "fp32")
    runs = plan_runs()
    store = _store(tmp_path, runs)
    assert store.is_complete(runs[TEACHER].key)
    store.save(make_record(runs[TEACHER], {"DEPTH": 0.75}), PREDICTIONS, b"own")
    result = store.result(runs[TEACHER].key)
    assert result is not None
    assert result.networks["DEPTH"].selected.test.headline == 0.75
    assert store.read_weights(runs[TEACHER].key) == b"own"
    assert store.read_weights(before.key) == b"before"


def test_a_former_teacher_without_weights_is_trained_again_for_its_students(
    tmp_path: Path, plan_runs: MakeRuns, save: Callable[..., Record]
) -> None:
    former = save(TEACHER, "fp32")
    save(STUDENT, "fp32")
    (tmp_path / "runs" / f"{former.key}.weights.pt").unlink()
    runs = plan_runs()
    assert runs_to_do(runs, _store(tmp_path, runs)) == [runs[TEACHER], runs[DKD]]


def test_a_worker_distils_from_a_former_teacher(tmp_path: Path, plan_runs: MakeRuns) -> None:
    tiny: dict[str, Any] = {"epochs": 1, "batch_size": 64}
    former = plan_runs(training={**tiny, "precision": "auto"})[TEACHER]
    runs = plan_runs(training={**tiny, "precision": precision_for_all([CPU])})
    store = ResultStore(tmp_path)
    store.prepare()
    assert Worker(store, CPU).execute(former) is not None
    execution = Worker(ResultStore(tmp_path), CPU).execute(runs[DKD])
    assert execution is not None
    assert execution.trained
    assert not (tmp_path / "runs" / f"{runs[TEACHER].key}.json").exists()
