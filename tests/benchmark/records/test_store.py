"""The results folder: nothing half-written counts, nothing finished is lost."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.advance import Advance
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.remaining import runs_to_do
from core.errors import UserError
from core.files import write_atomically

MakeRecord = Callable[..., Record]
PREDICTIONS = {"indices": np.array([4, 5]), "targets": np.array([0, 1]), "DEPTH": np.array([0, 0])}


@pytest.fixture
def runs(miniature_data: Path) -> list[PlannedRun]:
    suite = read_suite("table1", {"smoke": True, "seeds": 1, "methods": ["dkd"]})
    return list(make_plan(suite, take_inventory(suite, miniature_data)).runs.values())


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    store = ResultStore(tmp_path)
    store.prepare()
    return store


def test_a_saved_run_is_read_back_whole(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    record = make_record(runs[0], {"DEPTH": 0.5})
    store.save(record, PREDICTIONS, b"weights")
    again = ResultStore(tmp_path)
    found = again.lookup(record.key)
    assert found is not None
    assert found.model_dump(exclude={"files"}) == record.model_dump(exclude={"files"})
    assert again.read_weights(record.key) == b"weights"
    stored = again.read_predictions(record.key)
    assert {name: values.tolist() for name, values in stored.items()} == {
        name: values.tolist() for name, values in PREDICTIONS.items()
    }
    assert [r.key for r in again.records()] == [record.key]


@pytest.mark.parametrize("length", [0, 1, 100, 1000])
def test_a_truncated_record_is_no_result_and_is_reported(
    store: ResultStore,
    runs: list[PlannedRun],
    make_record: MakeRecord,
    tmp_path: Path,
    length: int,
) -> None:
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    path = tmp_path / "runs" / f"{runs[0].key}.json"
    path.write_bytes(path.read_bytes()[:length])
    again = ResultStore(tmp_path)
    assert again.lookup(runs[0].key) is None
    assert "not a readable record" in again.unreadable[runs[0].key]
    assert runs[0] in runs_to_do(runs, again)


def test_a_record_under_another_key_is_no_result(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    folder = tmp_path / "runs"
    (folder / f"{runs[0].key}.json").rename(folder / f"{runs[1].key}.json")
    again = ResultStore(tmp_path)
    assert again.lookup(runs[1].key) is None
    assert "another run" in again.unreadable[runs[1].key]


def test_a_teacher_without_weights_is_trained_again_only_where_a_student_needs_it(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    for run in runs:
        store.save(make_record(run, {"DEPTH": 0.5}), PREDICTIONS, b"weights")
    student = next(run for run in runs if run.teacher_key)
    (tmp_path / "runs" / f"{student.teacher_key}.weights.pt").unlink()
    assert runs_to_do(runs, ResultStore(tmp_path)) == []
    (tmp_path / "runs" / f"{student.key}.json").unlink()
    missing = [run.key for run in runs_to_do(runs, ResultStore(tmp_path))]
    assert missing == [student.teacher_key, student.key]


def test_a_run_is_complete_with_its_record_and_the_weights_that_this_lists(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    teacher, other = runs[:2]
    assert not store.is_complete(teacher.key)
    store.save(make_record(teacher, {"DEPTH": 0.5}), PREDICTIONS, b"weights")
    store.save(make_record(other, {"DEPTH": 0.5}), PREDICTIONS)
    assert store.is_complete(teacher.key)
    assert store.is_complete(other.key)
    assert not store.has_weights(other.key)
    (tmp_path / "runs" / f"{teacher.key}.weights.pt").unlink()
    assert not store.is_complete(teacher.key)


def test_a_record_cut_off_anywhere_is_no_result(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    path = tmp_path / "runs" / f"{runs[0].key}.json"
    whole = path.read_bytes()
    for length in range(len(whole.rstrip())):
        path.write_bytes(whole[:length])
        reader = ResultStore(tmp_path)
        assert reader.result(runs[0].key) is None, length
        assert "is not a readable record" in reader.unreadable[runs[0].key]
    path.write_bytes(whole)
    assert ResultStore(tmp_path).result(runs[0].key) is not None


def test_a_record_that_was_edited_is_no_result(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    path = tmp_path / "runs" / f"{runs[0].key}.json"
    whole = path.read_bytes()
    assert whole.count(b"0.5") >= 2
    path.write_bytes(whole.replace(b"0.5", b"0.9"))
    reader = ResultStore(tmp_path)
    assert reader.result(runs[0].key) is None
    assert "changed since it was written" in reader.unreadable[runs[0].key]
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert ResultStore(tmp_path).result(runs[0].key) is None, place
    assert json.loads(whole)["deployments"]["DEPTH"]["selected"]["test"]["weighted_f1"] == 0.5
    # A record without a digest, as the first ones were, is read.
    content = json.loads(whole)
    del content["digest"]
    path.write_text(json.dumps(content))
    assert ResultStore(tmp_path).result(runs[0].key) is not None


def test_weights_that_were_changed_are_refused(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS, b"weights")
    (tmp_path / "runs" / f"{runs[0].key}.weights.pt").write_bytes(b"weighty")
    with pytest.raises(UserError, match="not those that their record describes"):
        ResultStore(tmp_path).read_weights(runs[0].key)


def test_weights_that_are_missing_are_named(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord, tmp_path: Path
) -> None:
    path = tmp_path / "runs" / f"{runs[0].key}.weights.pt"
    with pytest.raises(UserError, match="are missing; run again"):
        store.read_weights(runs[0].key)
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS, b"weights")
    path.unlink()
    with pytest.raises(UserError, match="are missing; run again"):
        store.read_weights(runs[0].key)


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot write to the results folder"):
        ResultStore(tmp_path / "file" / "results").prepare()


def test_a_failed_write_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "text is no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["record.json"]


def test_only_what_must_outlive_a_crash_waits_for_the_disk(
    store: ResultStore,
    runs: list[PlannedRun],
    make_record: MakeRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[int] = []
    monkeypatch.setattr("os.fsync", waits.append)
    advance = Advance(epochs_done=1, epochs=2, seconds_per_epoch=0.5, images_per_second=8)
    store.advances.note(runs[0].key, advance)
    assert store.advances.find(runs[0].key) == advance
    assert not waits
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    assert waits


def test_a_result_removes_the_note_of_an_earlier_failure(
    store: ResultStore, runs: list[PlannedRun], make_record: MakeRecord
) -> None:
    note = store.note_failure(runs[0].key, "traceback")
    assert note.read_text() == "traceback"
    assert store.lookup(runs[0].key) is None
    store.save(make_record(runs[0], {"DEPTH": 0.5}), PREDICTIONS)
    assert not note.exists()
