"""The training loop that every method shares."""

import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.config import Training
from benchmark.evaluation import confusion_matrix, predict, scores, weighted_f1
from benchmark.records import DeploymentResult, Evaluation, Resources, Scores
from benchmark.training.data import TrainingData
from benchmark.training.order import PAIRED, EpochOrder, batch_bounds, draw_epoch
from benchmark.training.teacher import TeacherLogits
from methods import Batch, Learner, Sampling
from methods.base import count_parameters


class TrainingDivergedError(RuntimeError):
    """The loss became NaN or infinite; the run has no result."""


@dataclass(frozen=True)
class TrainingResult:
    """What a training leaves.

    Attributes:
        deployments: name -> scores of the selected and the last checkpoint.
        predictions: name -> predicted class of each test sample, selected checkpoint.
        weights: name -> state dict of the selected checkpoint.
        loss_curve: mean training loss per epoch.
        resources: time, memory, size.
    """

    deployments: dict[str, DeploymentResult]
    predictions: dict[str, NDArray[np.int64]]
    weights: dict[str, dict[str, Tensor]]
    loss_curve: list[float]
    resources: Resources


@dataclass(frozen=True)
class Trainer:
    """Trains one learner.

    Args:
        learner: networks and loss, on the device.
        modalities: what the learner reads.
        sampling: how the modalities of a batch belong together.
        teacher: gives a batch's teacher logits; None for methods without a teacher.
        data: the data of the repetition.
        settings: epochs, batch size, learning rate.
        repetition: number of the repetition; the batch order depends on it.
        augment: draw D4 views.
        device: where everything is.
    """

    learner: Learner
    modalities: tuple[str, ...]
    sampling: Sampling
    teacher: TeacherLogits | None
    data: TrainingData
    settings: Training
    repetition: int
    augment: bool
    device: torch.device

    def train(self) -> TrainingResult:
        """Train, select each network's best checkpoint on validation, and test at the end.

        The host waits for the device once per epoch, after validation.

        Raises:
            TrainingDivergedError: the loss became NaN or infinite.
        """
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        started = time.perf_counter()
        optimiser = torch.optim.Adam(
            self.learner.parameters(), lr=self.settings.learning_rate, fused=True
        )
        trackers = {
            name: _CheckpointTracker(network)
            for name, network in self.learner.deployments().items()
        }
        loss_curve = []
        for epoch in range(self.settings.epochs):
            losses = self._train_epoch(optimiser, epoch)
            for tracker in trackers.values():
                tracker.validate(self._confusion(tracker.network, self.data.validation))
            loss_curve.append(_mean_finite_loss(losses.cpu(), epoch))
            for tracker in trackers.values():
                tracker.keep_if_best(epoch)
        seconds = time.perf_counter() - started
        results = {name: self._result(tracker) for name, tracker in trackers.items()}
        return TrainingResult(
            deployments={name: result for name, (result, _) in results.items()},
            predictions={name: predicted for name, (_, predicted) in results.items()},
            weights={name: tracker.best for name, tracker in trackers.items()},
            loss_curve=loss_curve,
            resources=self._resources(seconds),
        )

    def _train_epoch(self, optimiser: torch.optim.Optimizer, epoch: int) -> Tensor:
        """Train one epoch; the loss of each step (steps,), on the device."""
        self.learner.train()
        samples = len(self.data.train)
        paired = self.sampling is Sampling.PAIRED
        orders = {
            stream: draw_epoch(self.repetition, epoch, samples, stream, self.augment, self.device)
            for stream in ((PAIRED,) if paired else self.modalities)
        }
        bounds = batch_bounds(samples, self.settings.batch_size)
        losses = torch.empty(len(bounds), device=self.device)
        for step, (first, last) in enumerate(bounds):
            loss = self.learner.loss(self._batch(orders, first, last), epoch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses[step] = loss.detach()
        return losses

    def _batch(self, orders: Mapping[str, EpochOrder], first: int, last: int) -> Batch:
        inputs, targets, teacher_logits = {}, {}, None
        shared = orders.get(PAIRED)
        target = None
        for modality in self.modalities:
            order = shared or orders[modality]
            positions, views = order.positions[first:last], order.views[first:last]
            samples = self.data.train[positions]
            if shared is None or target is None:
                target = self.data.labels[samples]
            inputs[modality] = self.data.banks[modality].gather(samples, views)
            targets[modality] = target
        if self.teacher is not None and shared is not None:
            teacher_logits = self.teacher(shared.positions[first:last], shared.views[first:last])
        return Batch(inputs, targets, teacher_logits)

    def _confusion(self, network: nn.Module, samples: Tensor) -> Tensor:
        return confusion_matrix(
            self.data.labels[samples],
            predict(network, _modalities(network), self.data, samples),
            self.data.num_classes,
        )

    def _result(self, tracker: "_CheckpointTracker") -> tuple[DeploymentResult, NDArray[np.int64]]:
        """Score the last checkpoint, then the selected one, whose test predictions are kept."""
        last = self._evaluate(tracker.network, self.settings.epochs - 1)
        tracker.network.load_state_dict(tracker.best)
        selected = self._evaluate(tracker.network, tracker.best_epoch)
        predictions = predict(
            tracker.network, _modalities(tracker.network), self.data, self.data.test
        )
        result = DeploymentResult(
            parameters=count_parameters(tracker.network),
            selected=selected,
            last=last,
            validation_curve=tracker.curve,
        )
        return result, predictions.cpu().numpy()

    def _evaluate(self, network: nn.Module, epoch: int) -> Evaluation:
        def score(samples: Tensor) -> Scores:
            return scores(self._confusion(network, samples).cpu())

        return Evaluation(
            epoch=epoch, validation=score(self.data.validation), test=score(self.data.test)
        )

    def _resources(self, seconds: float) -> Resources:
        images = len(self.data.train) * len(self.modalities) * self.settings.epochs
        if self.device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self.device)
        else:  # of the whole process so far, in KiB on Linux
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return Resources(
            seconds=seconds,
            images_per_second=images / seconds,
            peak_memory_bytes=peak,
            trained_parameters=count_parameters(self.learner),
        )


class _CheckpointTracker:
    """The best checkpoint of one network by validation weighted F1; the first of equals."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.curve: list[float] = []
        self.best: dict[str, Tensor] = {}
        self.best_epoch = -1
        self._score: Tensor | None = None
        self._best_score = -1.0

    def validate(self, confusion: Tensor) -> None:
        """Compute this epoch's score on the device, without waiting for it."""
        self._score = weighted_f1(confusion)

    def keep_if_best(self, epoch: int) -> None:
        """Read the score and copy the weights if no earlier epoch was as good."""
        assert self._score is not None
        score = float(self._score)
        self.curve.append(score)
        if score > self._best_score:
            self._best_score, self.best_epoch = score, epoch
            state = self.network.state_dict()
            self.best = {name: value.detach().clone() for name, value in state.items()}


def _modalities(network: nn.Module) -> tuple[str, ...]:
    names: tuple[str, ...] = network.modalities  # type: ignore[assignment]
    return names


def _mean_finite_loss(losses: Tensor, epoch: int) -> float:
    finite = torch.isfinite(losses)
    if not bool(finite.all()):
        step = int((~finite).int().argmax())
        raise TrainingDivergedError(
            f"the loss became {float(losses[step])} in epoch {epoch + 1}, step {step + 1} of "
            f"{len(losses)}; lower the learning rate, or train with --precision fp32"
        )
    return float(losses.mean())
