"""Training steps that are recorded once and replayed.

Real CUDA graphs take a GPU. Without one, a recorder that calls the step again in place of a replay
shows what is recorded when, and that nothing is trained twice or left out.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from benchmark.planning.plan import PlannedRun
from benchmark.records.store import ResultStore
from benchmark.running.executors.base import Outcome, Task, begin
from benchmark.running.worker import Worker
from benchmark.training.batches import Batches
from benchmark.training.classification import ClassificationEngine
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from benchmark.training.graph import WARM_UP, GraphedStep
from benchmark.training.interleaving import Interleaver
from benchmark.training.loop import Trainer
from benchmark.training.order import PAIRED, draw_epoch
from benchmark.training.snapshot import Snapshots
from benchmark.training.step import TrainingStep
from benchmark.training.task import Need
from datasets import open_dataset
from methods import Batch, Learner, Sampling
from methods.learners.supervised import SupervisedLearner
from methods.networks.classifier import build_classifier

MakeRuns = Callable[..., list[PlannedRun]]
CPU = torch.device("cpu")


class _Learner(Learner):
    """A linear layer whose loss changes in epoch 2."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(16 * 16, 6)

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        logits = self.layer(batch.inputs["DEPTH"].flatten(1))
        task = nn.functional.cross_entropy(logits, batch.target)
        self.note(task=task)
        return task * (1 if epoch < 2 else 3)

    def phase(self, epoch: int) -> int:
        return int(epoch >= 2)

    def deployments(self) -> dict[str, nn.Module]:
        return {}


class _Recorder(GraphedStep):
    """Records by remembering the step; like a capture, recording trains nothing."""

    def __init__(self, step: TrainingStep, refuse: bool = False) -> None:
        super().__init__(step)
        self.recorded = 0
        self._refuse = refuse

    def _record(self, step: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
        if self._refuse:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.recorded += 1
        trained = (self._step.learner, self._step.optimiser)
        states = [copy.deepcopy(each.state_dict()) for each in trained]
        loss = step()
        for each, state in zip(trained, states, strict=True):
            each.load_state_dict(state)

        def replay() -> None:
            loss.copy_(step())

        return replay, loss


@pytest.fixture
def data(plan_runs: MakeRuns) -> TrainingData:
    run = plan_runs()[0]
    return prepare_data(ResidentData(open_dataset(run.source), CPU), run.spec.data, 0)


def _step(data: TrainingData) -> TrainingStep:
    learner = _Learner()
    optimiser = torch.optim.Adam(learner.parameters(), lr=1e-2, fused=True)
    return TrainingStep(learner, optimiser, Batches(data, ("DEPTH",), None))


def _train(step: Callable[..., Tensor], data: TrainingData, epochs: int = 4) -> list[list[float]]:
    """Loss and term of each step."""
    losses = []
    for epoch in range(epochs):
        order = draw_epoch(0, epoch, len(data.train), PAIRED, True, CPU)
        for first, last in ((0, 8), (8, 16), (16, 24), (24, 29)):  # the last one is smaller
            losses.append(step({PAIRED: order.part(first, last)}, epoch).tolist())
    return losses


def test_replayed_steps_train_as_plain_ones_do(data: TrainingData) -> None:
    plain, recorder = _step(data), _Recorder(_step(data))
    found = _train(recorder, data)
    assert found == _train(plain, data)
    assert [loss for loss, _ in found[:8]] == [task for _, task in found[:8]]
    assert [loss for loss, _ in found[8:]] == pytest.approx([3 * task for _, task in found[8:]])
    # Batches of 8 are recorded after their first steps, those of 5 in a later epoch, and both
    # once more where the loss changes.
    assert WARM_UP == 3
    assert recorder.recorded == 3


def test_a_step_that_cannot_be_recorded_is_launched_as_it_is(data: TrainingData) -> None:
    plain, recorder = _step(data), _Recorder(_step(data), refuse=True)
    assert _train(recorder, data) == _train(plain, data)
    assert "not permitted when stream is capturing" in recorder.problem


def test_a_network_that_is_not_trained_is_not_captured(
    data: TrainingData, plan_runs: MakeRuns, tmp_path: Path
) -> None:
    need = Need(("DEPTH",), Sampling.PAIRED, (), CPU)
    task = ClassificationEngine().training(plan_runs()[0].spec, need, data, None)
    learner = SupervisedLearner(build_classifier({"DEPTH": 1}, 6, seed=0))
    snapshots = Snapshots(tmp_path, "key", {}, None)
    result = Trainer(learner, task, epochs=0, snapshots=snapshots, capture=True).train()
    assert not result.resources.captured


def _curves(
    runs: list[PlannedRun], folder: Path, graphs: bool, together: bool = False
) -> list[list[float]]:
    """Train on the GPU, one after the other or interleaved; the loss of each epoch."""
    store = ResultStore(folder)
    store.prepare()
    gpu = torch.device("cuda", 0)
    worker = Worker(store, gpu, graphs=graphs)
    interleaver: Interleaver[str, Outcome] = Interleaver(gpu)
    for run in runs:
        begin(interleaver, worker, Task(run))
        if not together:
            interleaver.finish()
    interleaver.finish()
    records = [store.lookup(run.key) for run in runs]
    assert all(record and record.resources.captured is graphs for record in records)
    return [record.loss_curve for record in records if record]


@pytest.mark.gpu
@pytest.mark.parametrize("method", ["dkd", "ctkd", "mlkd", "discom_kd", "c2kd", "fitnet", "rkd"])
def test_graphs_on_a_gpu_train_as_plain_steps_do(
    plan_runs: MakeRuns,
    method: str,
    tmp_path: Path,
    miniature_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(miniature_data)
    training = {"epochs": 4, "batch_size": 16, "precision": "fp32"}
    runs = plan_runs(methods=[method], training=training)
    assert _curves(runs, tmp_path / "graphs", True) == [
        pytest.approx(curve, rel=1e-4) for curve in _curves(runs, tmp_path / "plain", False)
    ]


@pytest.mark.gpu
def test_runs_side_by_side_on_a_gpu_train_as_alone(
    plan_runs: MakeRuns, tmp_path: Path, miniature_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(miniature_data)
    training = {"epochs": 4, "batch_size": 16, "precision": "fp32"}
    runs = [run for run in plan_runs(seeds=2, training=training) if run.teacher_key is None]
    alone = _curves(runs, tmp_path / "alone", True)
    assert _curves(runs, tmp_path / "together", True, together=True) == [
        pytest.approx(curve, rel=1e-4) for curve in alone
    ]
