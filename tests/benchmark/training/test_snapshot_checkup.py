"""`doctor` on snapshots: which it takes for bad, and that a repair loses none."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.checkup import FRESH
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.training.snapshot import Snapshots
from benchmark.training.state import TrainingState

MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]
Doctor = Callable[..., list[str]]


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Call the doctor on the folders inside `tmp_path`: the problems of the results folder."""

    def call(*arguments: str) -> list[str]:
        folders = [f"--{name}={tmp_path / name}" for name in ("results", "reports", "data")]
        main(["doctor", *folders, *arguments])
        results = capsys.readouterr().out.split("\nResults\n")[1]
        return [line for line in results.splitlines() if line.startswith("  !")]

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results" / "snapshots"


def _write_snapshot(folder: Path, key: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    state = {"epoch": 3, "weights": torch.arange(100)}
    training = cast(TrainingState, SimpleNamespace(state=lambda: state))
    snapshots = Snapshots(folder, key, {"device": "cpu"}, 0)
    snapshots.save_if_due(training)
    assert snapshots.notes == []
    return folder / f"{key}.pt"


def test_snapshots_of_stopped_and_of_busy_runs_are_in_order(
    doctor: Doctor, folder: Path, tmp_path: Path
) -> None:
    _write_snapshot(folder, "0" * 20)
    busy = _write_snapshot(folder, "1" * 20)
    busy.write_bytes(b"whatever its owner makes of it")
    claim = ResultStore(tmp_path / "results").claims.acquire("1" * 20, "a run", "cpu")
    assert claim is not None
    with claim:
        assert doctor() == []
    assert len(doctor()) == 1


def test_bad_snapshots_are_named_and_moved_aside_on_demand(
    plan_runs: MakeRuns, save: Save, doctor: Doctor, folder: Path, tmp_path: Path
) -> None:
    done = plan_runs()[0]
    save(done)
    whole = _write_snapshot(folder, "0" * 20)
    damaged, cut = (_write_snapshot(folder, name * 20) for name in "12")
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-1])
    stranger = folder / f"{'3' * 20}.pt"
    shutil.copyfile(whole, stranger)
    left_over = _write_snapshot(folder, done.key)
    half, fresh = (folder / f".{name * 20}.pt.{'ab' * 16}.tmp" for name in "45")
    foreign = folder / "model.pt"
    for path in (half, fresh, foreign):
        path.write_bytes(b"half")
    os.utime(half, (half.stat().st_mtime - 2 * FRESH,) * 2)
    bad = {path: path.read_bytes() for path in (damaged, cut, stranger, left_over, half)}

    found = "\n".join(doctor())
    for sentence in (
        f"{damaged} is no snapshot to go on from: it is damaged",
        f"{cut} is no snapshot to go on from: it is damaged",
        f"{stranger} holds the snapshot of run {'0' * 20}",
        f"{left_over} is a snapshot of a run that is done",
        f"{half} was left half-written by a process that died",
        f"{foreign} is no file of this benchmark; it is left alone",
    ):
        assert sentence in found, sentence
    assert len(found.splitlines()) == 6
    assert all(path.read_bytes() == content for path, content in bad.items())

    doctor("--repair")
    assert set(folder.iterdir()) == {whole, fresh, foreign}
    aside = {path.name: path.read_bytes() for path in (tmp_path / "results/aside").glob("*/*")}
    assert aside == {path.name: content for path, content in bad.items()}
    assert len(doctor()) == 1  # the foreign file
