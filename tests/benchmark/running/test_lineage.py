"""What a student learned from can be told after its teacher was trained again."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.checkup import check_results
from benchmark.records.record import predictions_name
from benchmark.records.store import ResultStore
from benchmark.running.worker import Execution, Worker

MakeRuns = Callable[..., list[PlannedRun]]
CPU = torch.device("cpu")


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    store = ResultStore(tmp_path / "results")
    store.prepare()
    return store


def _trained(store: ResultStore, run: PlannedRun) -> None:
    assert Worker(store, CPU).execute(run) == Execution(trained=True)


def test_a_teacher_that_is_trained_again_leaves_the_record_its_student_learned_from(
    plan_runs: MakeRuns, store: ResultStore, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = plan_runs(training={"epochs": 1, "batch_size": 32})
    student = next(run for run in runs if run.teacher_key)
    teacher = next(run for run in runs if run.key == student.teacher_key)
    _trained(store, teacher)
    _trained(store, student)
    first, learned = store.lookup(teacher.key), store.lookup(student.key)
    assert first is not None
    assert learned is not None
    assert learned.teacher_weights == first.files["weights.pt"]
    assert first.teacher_weights is None

    weights = store.files.loose(teacher.key, "weights.pt")
    weights.unlink()
    store.forget(teacher.key)
    _trained(store, teacher)
    (kept,) = store.files.superseded(teacher.key)
    assert kept.name == f"{teacher.key}.1.json"
    folder = store.folder / "superseded"
    for name in ("predictions.npz", "logits.npz"):
        content = (folder / f"{teacher.key}.1.{name}").read_bytes()
        assert hashlib.sha256(content).hexdigest() == first.files[name]
    assert list(check_results(store)) == []

    # As on another kind of processor: other weights.
    record = store.lookup(teacher.key)
    assert record is not None
    store.save(record, store.read_predictions(teacher.key), b"other weights")
    assert [file.stem[-1] for file in store.files.superseded(teacher.key)] == ["1", "2"]
    assert list(check_results(store)) == []
    assert main(["show", student.key, "--results", str(store.folder)]) == 0
    assert "trained again since" in " ".join(capsys.readouterr().out.split())

    for path in folder.iterdir():
        path.unlink()
    (finding,) = check_results(store)
    assert "learned from a training of its teacher" in finding.problem
    assert main(["show", student.key, "--results", str(store.folder)]) == 0
    assert "its record is not in this folder" in " ".join(capsys.readouterr().out.split())


def test_test_logits_are_those_of_the_predictions(plan_runs: MakeRuns, store: ResultStore) -> None:
    runs = plan_runs(methods=["discom_kd"], training={"epochs": 1, "batch_size": 32})
    run = next(run for run in runs if run.spec.method == "discom_kd")
    _trained(store, run)
    record, predictions = store.lookup(run.key), store.read_predictions(run.key)
    logits = store.find_logits(run.key)
    assert record is not None
    assert logits is not None
    stored = {
        predictions_name(name, probe)
        for name, result in record.deployments.items()
        for probe in (None, *result.probes)
    }
    assert set(logits) == stored == set(predictions) - {"indices", "targets", "groups"}
    assert len(stored) > len(record.deployments)
    for name in stored:
        shape = (len(predictions["indices"]), len(record.data.class_names))
        assert logits[name].shape == shape
        assert logits[name].dtype == np.float16
        assert np.array_equal(logits[name].max(axis=1), np.zeros(len(logits[name])))
        best = np.take_along_axis(logits[name], predictions[name][:, None], axis=1)
        assert np.array_equal(best[:, 0], np.zeros(len(best)))
        assert len(np.unique(logits[name])) > shape[1]
    (one,) = store.find_logits(run.key, {"DEPTH"}) or {}
    assert one == "DEPTH"
