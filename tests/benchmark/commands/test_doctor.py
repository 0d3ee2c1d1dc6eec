"""`doctor` as a user calls it: what it finds in a results folder, and what a repair does."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.checkup import FRESH
from benchmark.records.record import Record
from benchmark.records.store import ResultStore

MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]
Doctor = Callable[..., tuple[int, str]]


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Call the doctor on folders inside `tmp_path`: its exit code and what it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports", "data")]
        code = main(["doctor", *folders, *arguments])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def runs(plan_runs: MakeRuns, save: Save) -> list[PlannedRun]:
    """Finished runs of a small suite in the folder `results`."""
    made = plan_runs()
    for run in made:
        save(run)
    return made


def _results_part(text: str) -> str:
    return text.split("\nResults\n")[1]


def test_a_healthy_machine_and_folder(doctor: Doctor, runs: list[PlannedRun]) -> None:
    code, text = doctor()
    assert "!" not in _results_part(text)
    assert f"{len(runs)} records, 0 runs under way" in text
    assert "torch 2." in text
    assert "TRISTAR: not here" in text
    assert "GiB free" in text
    assert code == int("!" in text)  # a nearly full disk is the machine's, not this test's


def test_nothing_there_yet_is_no_problem(doctor: Doctor, tmp_path: Path) -> None:
    _, text = doctor()
    assert "none yet" in text
    assert list(tmp_path.iterdir()) == []


def test_bad_files_are_named_and_moved_aside_on_demand(
    doctor: Doctor, runs: list[PlannedRun], tmp_path: Path
) -> None:
    folder = tmp_path / "results" / "runs"
    teacher, student, distilled = runs
    record = folder / f"{teacher.key}.json"
    record.write_text(record.read_text()[:-100])
    weights = folder / f"{student.key}.weights.pt"
    weights.write_bytes(b"v")
    predictions = folder / f"{distilled.key}.predictions.npz"
    content = bytearray(predictions.read_bytes())
    content[len(content) // 2] ^= 1
    predictions.write_bytes(content)
    (folder / "0123.json").write_text((folder / f"{distilled.key}.json").read_text())
    (folder / "notes.txt").write_text("mine")
    (folder / "fresh.weights.pt").write_bytes(b"being written")
    old = time.time() - 2 * FRESH
    for path in (folder / f".{teacher.key}.json.abc.tmp", folder / "gone.weights.pt"):
        path.write_bytes(b"half")
        os.utime(path, (old, old))
    os.utime(folder / "notes.txt", (old, old))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    code, text = doctor()
    assert code == 1
    assert {path.name for path in folder.iterdir()} == set(before)
    for sentence in (
        f"{teacher.key}.json is not a readable record",
        f"{student.key}.weights.pt is not the file that its record describes",
        f"{distilled.key}.predictions.npz is not the file that its record describes",
        "0123.json holds the record of",
        "was left half-written by a process that died",
        "gone.weights.pt belongs to no finished run",
        "notes.txt is no file of this benchmark; it is left alone",
    ):
        assert sentence in text, sentence
    assert "fresh" not in text

    code, text = doctor("--repair")
    assert code == 1  # for the foreign file
    left = {path.name for path in folder.iterdir()}
    assert left == {
        *(f"{student.key}.{suffix}" for suffix in ("json", "predictions.npz")),
        "notes.txt", "fresh.weights.pt",
    }  # fmt: skip
    aside = {path.name: path.read_bytes() for path in (tmp_path / "results/aside").glob("*/*")}
    assert aside == {name: content for name, content in before.items() if name not in left}
    store = ResultStore(tmp_path / "results")
    assert [record.key for record in store.records()] == [student.key]
    assert not store.has_weights(student.key)
    (folder / "notes.txt").unlink()
    assert "!" not in _results_part(doctor()[1])
    (folder / f"{student.key}.predictions.npz").unlink()
    assert "which its record lists, is missing" in doctor()[1]


@pytest.mark.usefixtures("runs")
def test_a_run_under_way_is_left_alone(doctor: Doctor, tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results")
    path = tmp_path / "results" / "runs" / "0abc.weights.pt"
    path.write_bytes(b"w")
    os.utime(path, (1, 1))
    claim = store.claims.acquire("0abc", "a run", "cpu")
    assert claim is not None
    with claim:
        assert "0abc" not in _results_part(doctor()[1])
    assert "0abc" in _results_part(doctor()[1])


def test_a_results_folder_that_is_a_file(tmp_path: Path, doctor: Doctor) -> None:
    (tmp_path / "results").touch()
    assert doctor()[0] == 2


def test_a_folder_that_cannot_be_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--results", "/proc/nowhere"]) == 1
    assert "cannot be written to" in capsys.readouterr().out
