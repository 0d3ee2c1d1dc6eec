"""Records in archives: read like loose ones, and packed to the same bytes each time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.archive import pack
from benchmark.records.checkup import check_results
from benchmark.records.record import Record
from benchmark.records.run_files import LOGITS
from benchmark.records.store import ResultStore
from benchmark.running.remaining import runs_to_do
from core.errors import UserError

Save = Callable[..., Record]


@pytest.fixture
def runs(plan_runs: Callable[..., list[PlannedRun]], save: Save) -> list[PlannedRun]:
    """Finished runs in the folder `results`."""
    made = plan_runs()
    for run in made:
        save(run)
    return made


@pytest.fixture
def packed(tmp_path: Path, runs: list[PlannedRun]) -> Path:
    """A results folder of which all records are in one archive."""
    folder = tmp_path / "packed"
    (folder / "archives").mkdir(parents=True)
    store = ResultStore(tmp_path / "results")
    assert pack(store.files, [run.key for run in runs], folder / "archives" / "a.zip") == len(runs)
    return folder


def test_archived_records_are_read_like_loose_ones(
    packed: Path, runs: list[PlannedRun], tmp_path: Path
) -> None:
    loose, archived = ResultStore(tmp_path / "results"), ResultStore(packed)
    keys = [run.key for run in runs]
    assert [record.key for record in archived.records()] == sorted(keys)
    assert archived.results_of(keys) == loose.results_of(keys)
    for key in keys:
        assert archived.lookup(key) == loose.lookup(key)
        expected, found = loose.read_predictions(key), archived.read_predictions(key)
        assert {name: list(found[name]) for name in found} == {
            name: list(expected[name]) for name in expected
        }
        assert not archived.has_weights(key)
    assert runs_to_do(runs, archived) == []
    assert list(check_results(archived)) == []


def test_equal_records_give_equal_bytes(
    packed: Path, runs: list[PlannedRun], tmp_path: Path
) -> None:
    again = tmp_path / "again.zip"
    pack(ResultStore(packed).files, [run.key for run in reversed(runs)], again)
    assert again.read_bytes() == (packed / "archives" / "a.zip").read_bytes()


def test_a_loose_record_wins_with_all_that_lies_beside_it(
    packed: Path, runs: list[PlannedRun], save: Save
) -> None:
    key = runs[0].key
    save(runs[0], score=0.75, folder="packed", predicted=(1, 1))
    store = ResultStore(packed)
    found = store.lookup(key)
    assert found is not None
    assert found.deployments["DEPTH"].selected.test.weighted_f1 == 0.75
    assert store.read_predictions(key)["DEPTH"].tolist() == [1, 1]
    (packed / "runs" / f"{key}.predictions.npz").unlink()
    assert store.find_predictions(key, {"DEPTH"}) is None
    # What it took the place of is kept, although it is in the archive too.
    (superseded,) = (packed / "superseded").glob("*.json")
    assert superseded.name == f"{key}.1.json"


def test_show_and_diff_look_into_archives(
    packed: Path, runs: list[PlannedRun], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["show", runs[-1].key[:8], "--results", str(packed)]) == 0
    output = capsys.readouterr().out
    assert "its record is not in this folder" not in output
    assert f"Files beside {packed}/archives/a.zip/{runs[-1].key}.json" in output
    assert "there, matches its digest" in output
    assert main(["diff", str(tmp_path / "results"), str(packed)]) == 0


def test_pack_refuses_what_is_not_whole_and_says_what_there_is(
    runs: list[PlannedRun], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["pack", "--results", str(tmp_path / "results")]
    assert main([*command, "--output", str(tmp_path / "all.zip")]) == 0
    assert f"{len(runs)} of {len(runs)} runs packed" in capsys.readouterr().out
    assert main([*command, "--output", "runs.tar"]) == 2
    assert "ends in .zip" in capsys.readouterr().err
    (tmp_path / "results" / "runs" / f"{runs[0].key}.predictions.npz").write_bytes(b"other")
    assert main([*command, "--output", str(tmp_path / "other.zip")]) == 2
    assert "not the file that its record describes" in capsys.readouterr().err
    assert not (tmp_path / "other.zip").exists()
    with pytest.raises(UserError, match="nothing to pack"):
        pack(ResultStore(tmp_path / "empty").files, ["0"], tmp_path / "none.zip")


def test_an_archive_that_was_changed_is_told(packed: Path, runs: list[PlannedRun]) -> None:
    path = packed / "archives" / "a.zip"
    content = bytearray(path.read_bytes())
    # Inside the content of the first member, behind its header and name.
    content[200] ^= 255
    path.write_bytes(content)
    store = ResultStore(packed)
    assert len(list(store.results())) == len(runs) - 1
    assert "damaged in the archive" in " ".join(store.unreadable.values())
    (finding,) = check_results(store)
    assert "damaged in the archive" in finding.problem
    assert finding.files == ()


def test_an_unreadable_archive_stops_all_but_the_doctor(
    packed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = packed / "archives" / "a.zip"
    path.write_bytes(path.read_bytes()[:1000])
    assert main(["status", "--results", str(packed)]) == 2
    assert "a.zip is not a readable archive of records" in capsys.readouterr().err
    folders = [f"--{name}={packed / name}" for name in ("reports", "data")]
    doctor = ["doctor", *folders, "--results", str(packed)]
    assert main(doctor) == 1
    assert "a.zip is not a readable archive" in capsys.readouterr().out
    main([*doctor, "--repair"])
    assert "moved " in capsys.readouterr().out
    assert main(["status", "--results", str(packed)]) == 0


def test_logits_and_superseded_records_are_packed_too(
    tmp_path: Path, runs: list[PlannedRun]
) -> None:
    store = ResultStore(tmp_path / "results")
    record = store.lookup(runs[0].key)
    assert record is not None
    random = np.random.default_rng(0)
    logits = {"DEPTH": random.normal(size=(2, 2)).astype(np.float16)}
    predictions = {"indices": np.arange(2), "targets": np.arange(2), "DEPTH": np.zeros(2, int)}
    store.save(record, predictions, b"w", {LOGITS: logits})
    folder = tmp_path / "with_logits"
    (folder / "archives").mkdir(parents=True)
    pack(store.files, [record.key], folder / "archives" / "b.zip")
    archived = ResultStore(folder)
    found = archived.find_logits(record.key)
    assert found is not None
    assert np.array_equal(found["DEPTH"], logits["DEPTH"])
    assert found["DEPTH"].dtype == np.float16
    assert archived.find_logits(runs[1].key) is None
    # The record that was saved over goes with the one that took its place.
    assert [file.name for file in archived.files.superseded()] == [f"{record.key}.1.json"]
