"""Files of others are data: nothing in them is run, whoever made them."""

import hashlib
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from benchmark.cli import main
from benchmark.planning.config import read_suite
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.running.worker import Worker
from core.errors import UserError

MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


class _Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    """The folder that exists if a trap was sprung; traps work, or this test would show nothing."""
    proof = tmp_path / "proof"
    pickle.loads(pickle.dumps(_Trap(proof)))
    assert proof.exists()
    return tmp_path / "sprung"


def test_weights_of_a_teacher(
    plan_runs: MakeRuns,
    save: Save,
    sprung: Path,
    tmp_path: Path,
    miniature_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(miniature_data)
    teacher, _, distilled = plan_runs(training={"epochs": 1, "batch_size": 32})
    record = save(teacher)
    buffer = io.BytesIO()
    torch.save({"THERMAL": _Trap(sprung)}, buffer)
    store = ResultStore(tmp_path / "results")
    store.save(record, {"indices": np.arange(2)}, buffer.getvalue())
    assert store.read_weights(teacher.key) == buffer.getvalue()
    with pytest.raises(pickle.UnpicklingError, match="[Ww]eights"):
        Worker(store, torch.device("cpu")).execute(distilled)
    assert not sprung.exists()


def test_predictions(plan_runs: MakeRuns, save: Save, sprung: Path, tmp_path: Path) -> None:
    run = plan_runs()[0]
    save(run)
    path = tmp_path / "results" / "runs" / f"{run.key}.predictions.npz"
    np.savez(path, allow_pickle=True, DEPTH=np.array([_Trap(sprung)], dtype=object))
    store = ResultStore(tmp_path / "results")
    assert store.find_predictions(run.key, {"DEPTH"}) is None
    assert not sprung.exists()


def test_own_data(sprung: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trap = np.array([_Trap(sprung)] * 4, dtype=object)
    np.savez(tmp_path / "mine.npz", allow_pickle=True, A=trap, B=trap, labels=np.arange(4) % 2)
    suite = tmp_path / "mine.yaml"
    entry = {"name": "mine", "npz": "mine.npz", "teacher": "A", "student": "B"}
    grid = {"name": "mine", "scenario": "cross_modal", "datasets": [entry], "methods": ["dkd"]}
    suite.write_text(yaml.safe_dump(grid))
    assert main(["--suite", str(suite), "--results", str(tmp_path / "results")]) == 2
    assert "mine.npz" in capsys.readouterr().err
    assert not sprung.exists()


def test_a_suite_file(sprung: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: !!python/object/apply:os.mkdir ['{sprung}']\n")
    with pytest.raises(UserError, match="not valid YAML"):
        read_suite(str(path))
    assert not sprung.exists()


def test_a_record_is_read_as_data(
    plan_runs: MakeRuns, save: Save, sprung: Path, tmp_path: Path
) -> None:
    run = plan_runs()[0]
    save(run)
    path = tmp_path / "results" / "runs" / f"{run.key}.json"
    content = pickle.dumps(_Trap(sprung))
    path.write_bytes(content)
    store = ResultStore(tmp_path / "results")
    assert store.lookup(run.key) is None
    assert run.key in store.unreadable
    assert not sprung.exists()
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()
