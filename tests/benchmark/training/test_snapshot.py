"""Trainings that are stopped and go on: the same bits, whatever happens to the snapshot."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn
from torch.nn import functional as F

from benchmark.cli import main
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record, Resources
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Ending, Task
from benchmark.running.executors.local import LocalExecutor, WorkerSettings
from benchmark.running.packing import DeviceLoad
from benchmark.running.worker import Execution, Worker
from benchmark.training import classification
from benchmark.training.classification import ClassificationTraining
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from benchmark.training.loop import Trainer, TrainingResult
from benchmark.training.order import draw_epoch
from benchmark.training.snapshot import Snapshots
from benchmark.training.task import Need
from benchmark.training.teacher import LiveTeacher
from datasets import open_dataset
from methods import Batch, Learner, Sampling

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")
KEY = "0123456789abcdef0123"
FLOAT32: dict[str, str | int] = {"numerics": 1, "device": "cpu", "precision": "fp32"}
Arguments = Callable[[str, str], list[str]]
MakeRuns = Callable[..., list[PlannedRun]]
Save = Callable[..., Record]


class StoppedError(Exception):
    """The training is to end here, as if its process did."""


@contextmanager
def _stopped_before(epoch: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Trainings in this block end at the start of an epoch; yields the epochs that they begin."""
    begun: list[int] = []

    def draw(repetition: int, current: int, *arguments: Any) -> Any:
        if current == epoch:
            raise StoppedError
        begun.append(current)
        return draw_epoch(repetition, current, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(classification, "draw_epoch", draw)
        yield begun


def _numbers(record: Record) -> dict[str, Any]:
    """All of a record that must not depend on when and where it was made."""
    curves = {"loss_curve", "term_curves", "findings"}
    return record.model_dump(include={"key", "spec", "data", "deployments", "files", *curves})


# Shipped methods, by the worker.


@pytest.mark.parametrize(
    ("method", "epochs", "precision", "protocol"),
    [
        ("mlkd", 2, "fp32", "as_described"),
        # A learned temperature, and a teacher in train mode.
        ("ctkd", 3, "bf16", {"base": "as_described", "teacher_mode": "train"}),
        ("discom_kd", 2, "fp32", "as_described"),  # two deployments with probes
        ("crd", 2, "fp32", "as_described"),  # memory banks, and random numbers in the loss
    ],
)
def test_a_continued_run_leaves_what_an_uninterrupted_one_does(
    plan_runs: MakeRuns,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    epochs: int,
    precision: str,
    protocol: Any,
) -> None:
    runs = plan_runs(
        methods=[method],
        training={"epochs": epochs, "batch_size": 32, "precision": precision},
        protocol=protocol,
    )
    run = next(run for run in runs if run.spec.method == method)
    store = ResultStore(tmp_path)
    store.prepare()
    worker = Worker(store, CPU, keep_all_weights=True)
    for needed in runs:
        if needed.key in (run.teacher_key, run.key):
            assert worker.execute(needed) == Execution(trained=True)
    expected = store.lookup(run.key)
    assert expected is not None
    (tmp_path / "runs" / f"{run.key}.json").unlink()

    for epoch in range(epochs):
        store = ResultStore(tmp_path)
        worker = Worker(store, CPU, keep_all_weights=True, snapshot_minutes=0)
        with _stopped_before(epoch + 1, monkeypatch) as begun:
            if epoch + 1 < epochs:
                with pytest.raises(StoppedError):
                    worker.execute(run)
                snapshot = tmp_path / "snapshots" / f"{run.key}.pt"
                seconds = torch.load(snapshot, weights_only=True)["state"]["seconds"]
            else:
                assert worker.execute(run) == Execution(trained=True)
        assert set(begun) == {epoch}
    record = store.lookup(run.key)
    assert record is not None
    assert _numbers(record) == _numbers(expected)
    assert (expected.resources.continued, record.resources.continued) == (0, epochs - 1)
    assert 0 < seconds < record.resources.seconds
    assert not list((tmp_path / "snapshots").iterdir())


@pytest.fixture
def arguments(tmp_path: Path, miniature_data: Path) -> Arguments:
    """The command line that trains one network alone, with results in a folder of this name."""
    suite = {
        "name": "alone",
        "title": "One network",
        "scenario": "cross_modal",
        "datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}],
        "methods": ["student_x2"],
        "references": [],
        "baseline": "student_x2",
        "seeds": 1,
        "training": {"batch_size": 32},
    }
    path = tmp_path / "alone.yaml"
    path.write_text(yaml.safe_dump(suite))

    def make(results: str, minutes: str) -> list[str]:
        return [
            *("--suite", str(path), "--smoke", "--epochs", "3"),
            *("--device", "cpu", "--executor", "inline", f"--snapshot-minutes={minutes}"),
            *(f"--data={miniature_data}", f"--results={tmp_path / results}"),
            f"--reports={tmp_path / 'reports'}",
        ]

    return make


def _kill_once_there_is_a_snapshot(folder: Path, arguments: list[str], log: Path) -> bool:
    """Run a command and end it with SIGKILL; False where its snapshot is gone already."""
    command = [sys.executable, str(ROOT / "run_benchmark.py"), *arguments]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            give_up = time.monotonic() + 120
            while not list(folder.glob("*.pt")) and process.poll() is None:
                assert time.monotonic() < give_up, log.read_text()
                time.sleep(0.01)
        finally:
            process.kill()
            code = process.wait(60)
    assert code in (0, -signal.SIGKILL), log.read_text()
    return bool(list(folder.glob("*.pt")))


@pytest.mark.slow
def test_a_killed_process_goes_on(
    tmp_path: Path, arguments: Arguments, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments("whole", "off")) == 0
    (whole,) = ResultStore(tmp_path / "whole").records()
    folder = tmp_path / "killed" / "snapshots"
    for _ in range(3):  # where the disk is very busy, the run may end before its snapshot is seen
        if _kill_once_there_is_a_snapshot(folder, arguments("killed", "0"), tmp_path / "log"):
            break
        shutil.rmtree(tmp_path / "killed")
    (snapshot,) = folder.glob("*.pt")
    content = snapshot.read_bytes()

    assert main(arguments("killed", "10")) == 0
    (record,) = ResultStore(tmp_path / "killed").records()
    assert _numbers(record) == _numbers(whole)
    assert record.resources.continued == 1
    assert not list(folder.iterdir())

    # Killed between its record and the removal of its snapshot.
    snapshot.write_bytes(content)
    capsys.readouterr()
    assert main(arguments("killed", "10")) == 0
    assert "0 runs trained, 1 reused" in capsys.readouterr().out
    assert not list(folder.iterdir())


# Where the sentences go.


def test_a_worker_process_tells_of_a_snapshot_that_was_not_used(
    plan_runs: MakeRuns, tmp_path: Path
) -> None:
    run = plan_runs(training={"epochs": 1, "batch_size": 32})[0]
    store = ResultStore(tmp_path)
    store.prepare()
    store.snapshots.mkdir()
    snapshot = store.snapshots / f"{run.key}.pt"
    snapshot.write_bytes(b"half a snapshot")
    settings = WorkerSettings(tmp_path, False, ())
    executor = LocalExecutor({CPU: DeviceLoad(None, 1)}, settings, most=1)
    try:
        executor.submit(Task(run))
        outcome = executor.wait(None)
    finally:
        executor.close()
    assert outcome is not None
    assert outcome.ending is Ending.DONE
    assert outcome.notes == (
        f"the snapshot {snapshot} was not used: it is damaged; the run started from the beginning",
    )
    assert not snapshot.exists()


def test_a_folder_that_cannot_be_made_is_told_once_and_stops_nothing(
    tmp_path: Path, arguments: Arguments, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "snapshots").touch()
    assert main(arguments("results", "0")) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note ")]
    (note,) = notes  # of a run that would have written two
    assert "could not be written: File exists; the training went on without it" in note


@pytest.mark.parametrize("minutes", ["-1", "nan", "inf", "often"])
def test_wrong_minutes_are_refused(
    tmp_path: Path, arguments: Arguments, capsys: pytest.CaptureFixture[str], minutes: str
) -> None:
    assert main(arguments("results", minutes)) == 2
    expected = f"--snapshot-minutes {minutes}: expected a number from 0, or off"
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_continuations_are_shown_and_older_records_have_none(
    plan_runs: MakeRuns, save: Save, read: Callable[..., str]
) -> None:
    old = {"seconds": 1, "images_per_second": 2, "peak_memory_bytes": 3, "trained_parameters": 4}
    resources = Resources.model_validate_json(json.dumps(old))
    assert resources.continued == 0
    run = plan_runs()[0]
    save(run)
    assert "continuations from" not in read("show", run.key)
    save(run, resources=resources.model_copy(update={"continued": 2}))
    assert "continuations from a snapshot" in read("show", run.key)


# A network of a few weights, by the trainer alone.


class _Noisy(Learner):
    """Needs all that a snapshot holds: dropout, moving buffers (one not in its state dict)."""

    noise: Tensor

    def __init__(self, hidden: int = 8) -> None:
        super().__init__()
        self.network = _Small(hidden)
        self.register_buffer("noise", torch.zeros(()), persistent=False)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        assert batch.teacher_logits is not None
        logits = self.network(batch.inputs)
        loss = F.cross_entropy(logits, batch.target) + F.mse_loss(logits, batch.teacher_logits)
        self.noise.mul_(0.9).add_(loss.detach())
        self.note(noise=self.noise.clone())
        return loss * (1 + self.noise)

    def deployments(self) -> dict[str, nn.Module]:
        return {"DEPTH": self.network}


class _Small(nn.Module):
    modalities = ("DEPTH",)

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(16, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden, 6),
        )

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        logits: Tensor = self.layers(inputs["DEPTH"])
        return logits


class _Moody(nn.Module):
    """A teacher whose logits depend on how often it was asked, unlike batch normalisation's."""

    asked: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("asked", torch.zeros(()))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        self.asked.add_(1)
        return torch.sin(self.asked + torch.arange(6)).expand(len(inputs["DEPTH"]), 6)


@dataclass(frozen=True)
class _Laboratory:
    """Trains the small network, over and over."""

    data: TrainingData
    run: PlannedRun
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def snapshot(self) -> Path:
        return self.folder / f"{KEY}.pt"

    def train(
        self,
        stop: int | None = None,
        minutes: float | None = 0,
        key: str = KEY,
        random: int = 0,
        hidden: int = 8,
        **changes: str | int,
    ) -> tuple[TrainingResult | None, list[int], list[str]]:
        """The result (None where it was stopped), the epochs that were begun, and the notes."""
        torch.manual_seed(5)
        learner = _Noisy(hidden)
        torch.manual_seed(random)
        snapshots = Snapshots(self.folder, key, {**FLOAT32, **changes}, minutes)
        trainer = Trainer(
            learner=learner,
            task=ClassificationTraining(
                self.run.spec,
                Need(("DEPTH",), Sampling.PAIRED, (), CPU),
                self.data,
                LiveTeacher(_Moody(), ("DEPTH",), self.data),
            ),
            epochs=self.run.spec.training.epochs,
            snapshots=snapshots,
        )
        with _stopped_before(stop, self.monkeypatch) as begun:
            try:
                result = trainer.train()
            except StoppedError:
                result = None
        return result, begun, snapshots.notes


@pytest.fixture
def laboratory(plan_runs: MakeRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Laboratory:
    run = plan_runs(training={"epochs": 3, "batch_size": 32, "learning_rate": 1e-3})[0]
    data = prepare_data(ResidentData(open_dataset(run.source), CPU), run.spec.data, 0)
    return _Laboratory(data, run, tmp_path / "snapshots", monkeypatch)


def _same(one: TrainingResult | None, other: TrainingResult | None) -> bool:
    assert one is not None
    assert other is not None
    (weights,), (others,) = one.weights.values(), other.weights.values()
    curves = (one.loss_curve, one.term_curves), (other.loss_curve, other.term_curves)
    return (
        curves[0] == curves[1]
        and one.deployments == other.deployments
        and all(torch.equal(tensor, others[name]) for name, tensor in weights.items())
    )


@pytest.mark.parametrize("stop", [1, 2])
def test_random_numbers_moving_buffers_and_the_teacher_go_on(
    laboratory: _Laboratory, stop: int
) -> None:
    expected, *_ = laboratory.train(minutes=None)
    other, *_ = laboratory.train(minutes=None, random=1)
    assert not _same(expected, other)  # dropout does draw from the global generator
    laboratory.train(stop)
    # Another generator state: that of the snapshot must replace it.
    result, begun, notes = laboratory.train(random=1)
    assert (begun, notes) == (list(range(stop, 3)), [])
    assert _same(result, expected)


def test_snapshots_are_due_by_time_and_can_be_off(laboratory: _Laboratory) -> None:
    laboratory.train(minutes=60)
    laboratory.train(minutes=None)
    assert not laboratory.folder.exists()
    laboratory.train(stop=2)
    assert laboratory.train(minutes=None)[1] == [0, 1, 2]


def test_damage_of_any_kind_is_noticed(laboratory: _Laboratory) -> None:
    laboratory.train(stop=2)
    whole = laboratory.snapshot.read_bytes()
    expected, *_ = laboratory.train(minutes=None)
    size = len(whole)
    assert size < 200_000  # or this takes long
    damaged = [whole[:length] for length in (0, 1, 31, 32, 33, size // 2, size - 32, size - 1)]
    for position in [*range(0, size, size // 24), size - 33, size - 32, size - 1]:
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        damaged.append(bytes(flipped))
    for content in [*damaged, whole + b"\0"]:
        laboratory.snapshot.write_bytes(content)
        result, begun, notes = laboratory.train(minutes=60)
        assert begun == [0, 1, 2]
        assert notes == [
            f"the snapshot {laboratory.snapshot} was not used: it is damaged; the run started from "
            "the beginning"
        ]
        assert _same(result, expected)
    laboratory.snapshot.write_bytes(whole)
    assert laboratory.train()[1] == [2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"precision": "bf16"}, "it was made with precision fp32, and this run has bf16"),
        ({"device": "cuda"}, "it was made with device cpu, and this run has cuda"),
        ({"numerics": 2}, "it was made with numerics 1, and this run has 2"),
        ({"torch": "3.0"}, "it was made with torch None, and this run has 3.0"),
        ({"hidden": 9}, "it holds networks of other layers"),
    ],
)
def test_the_snapshot_of_another_set_up_is_not_used(
    laboratory: _Laboratory, changes: dict[str, Any], reason: str
) -> None:
    laboratory.train(stop=2)
    expected, *_ = laboratory.train(minutes=None, **changes)
    result, begun, (note,) = laboratory.train(minutes=60, **changes)
    assert begun == [0, 1, 2]
    assert f"was not used: {reason}; " in note
    assert _same(result, expected)


def test_the_snapshot_of_another_run_is_not_used(laboratory: _Laboratory) -> None:
    laboratory.train(stop=2)
    laboratory.snapshot.rename(laboratory.folder / "other.pt")
    _, begun, (note,) = laboratory.train(key="other")
    assert begun == [0, 1, 2]
    assert f"it was made with key {KEY}, and this run has other" in note


def test_a_full_disk_stops_nothing_and_keeps_the_last_snapshot(laboratory: _Laboratory) -> None:
    expected, *_ = laboratory.train(minutes=None)
    laboratory.train(stop=1)
    whole = laboratory.snapshot.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to let the file grow further, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) // 2, limits[1]))
    try:
        result, begun, notes = laboratory.train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert begun == [1, 2]
    assert notes == [
        f"the snapshot {laboratory.snapshot} could not be written: File too large; the training "
        "went on without it"
    ]
    assert _same(result, expected)
    assert [path.name for path in laboratory.folder.iterdir()] == [laboratory.snapshot.name]
    assert laboratory.snapshot.read_bytes() == whole


def test_what_a_killed_writer_left_is_no_snapshot_and_is_removed(laboratory: _Laboratory) -> None:
    laboratory.train(stop=2)
    leftover = laboratory.folder / f".{KEY}.pt.99999.tmp"
    laboratory.snapshot.rename(leftover)
    assert laboratory.train(stop=1) == (None, [0], [])
    assert [path.name for path in laboratory.folder.iterdir()] == [laboratory.snapshot.name]
