"""The training loop that every method shares."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.record import (
    DeploymentResult,
    Evaluation,
    ProbeResult,
    Resources,
    Scores,
    predictions_name,
)
from benchmark.records.spec import Training
from benchmark.training.batches import Batches
from benchmark.training.checkpoints import CheckpointTracker
from benchmark.training.data import TrainingData
from benchmark.training.evaluation import (
    confusion_matrix,
    predict,
    predict_with_logits,
    scores,
)
from benchmark.training.graph import GraphedStep
from benchmark.training.interleaving import TrainingSteps, run_to_end, until_device_is_done
from benchmark.training.optimiser import Adam
from benchmark.training.order import PAIRED, batch_bounds, draw_epoch
from benchmark.training.snapshot import Snapshots
from benchmark.training.state import TrainingState
from benchmark.training.step import Step, TrainingStep
from benchmark.training.teacher import TeacherLogits
from methods import Learner, Sampling
from methods.networks.properties import count_parameters, modalities_of


class TrainingDivergedError(RuntimeError):
    """The loss became NaN or infinite; the run has no result."""


@dataclass(frozen=True)
class TrainingResult:
    """What a training leaves.

    Attributes:
        deployments: name -> scores of the selected and the last checkpoint.
        predictions: name -> predicted class of each test sample, selected checkpoint; names as
            `predictions_name` makes them.
        logits: name -> logits (n_test, C) of the same, each sample's largest 0.
        weights: name -> state dict of the selected checkpoint.
        loss_curve: mean training loss per epoch, over steps.
        term_curves: name of what the learner noted -> its mean per epoch, over samples.
        resources: time, memory, size.
        notes: what the user should know beside, a sentence each.
    """

    deployments: dict[str, DeploymentResult]
    predictions: dict[str, NDArray[np.int64]]
    logits: dict[str, NDArray[np.float16]]
    weights: dict[str, dict[str, Tensor]]
    loss_curve: list[float]
    term_curves: dict[str, list[float]]
    resources: Resources
    notes: tuple[str, ...] = ()


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
        snapshots: where the training goes on from if it was stopped.
        capture: record the step as a CUDA graph; takes a GPU, and a stream that is not the default.
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
    snapshots: Snapshots
    capture: bool = False

    def train(self) -> TrainingResult:
        """Train, select each network's best checkpoint on validation, and test at the end.

        A training that was stopped goes on from its snapshot.

        Raises:
            TrainingDivergedError: the loss became NaN or infinite.
        """
        return run_to_end(self.train_in_steps())

    def train_in_steps(self) -> TrainingSteps[TrainingResult]:
        """Train as `train` does, and yield after each step, so that another training may go on.

        The host needs the device's results once per epoch, after validation, and where a snapshot
        is written; others may go on until they are there.
        """
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        optimiser = Adam(self.learner.parameters(), self.settings.learning_rate, self.capture)
        probes = self.learner.probes()
        trackers = {
            name: CheckpointTracker(network, probes.get(name, {}))
            for name, network in self.learner.deployments().items()
        }
        training = TrainingState(self.learner, optimiser, trackers, self.teacher, self.device)
        self.snapshots.resume(training)
        batches = Batches(self.data, self.modalities, self.teacher)
        plain = TrainingStep(self.learner, optimiser, batches)
        graphed = GraphedStep(plain) if self.capture else None
        for epoch in range(training.epochs_done, self.settings.epochs):
            started = time.perf_counter()
            values = yield from self._train_epoch(graphed or plain, epoch)
            for tracker in trackers.values():
                tracker.validate(self._confusion(tracker.network, self.data.validation))
            yield from until_device_is_done(self.device)
            self._note_epoch(training, values.cpu(), epoch)
            for tracker in trackers.values():
                tracker.keep_if_best(epoch)
            training.seconds += time.perf_counter() - started
            if epoch + 1 < self.settings.epochs:
                self.snapshots.save_if_due(training)
        # All last checkpoints are scored before the first best one is put back: deployments may
        # share the layers of their probes.
        last = {name: self._evaluations(tracker) for name, tracker in trackers.items()}
        problem = graphed.problem if graphed else ""
        resources = self._resources(training, captured=graphed is not None and not problem)
        notes = (problem,) if problem else ()
        result = TrainingResult(
            {}, {}, {}, {}, training.loss_curve, training.term_curves, resources, notes
        )
        for name, tracker in trackers.items():
            tracker.restore_best()
            result.deployments[name] = _deployment_result(
                tracker, self._evaluations(tracker), last[name]
            )
            for probe, network in {"": tracker.network, **tracker.probes}.items():
                inputs, stored = modalities_of(network), predictions_name(name, probe)
                found = predict_with_logits(network, inputs, self.data, self.data.test)
                result.predictions[stored], result.logits[stored] = (
                    part.cpu().numpy() for part in found
                )
            state = tracker.network.state_dict()
            result.weights[name] = {key: value.detach().clone() for key, value in state.items()}
        return result

    def _train_epoch(self, step: Step, epoch: int) -> TrainingSteps[Tensor]:
        """Train one epoch; the loss and terms of each step (1 + terms, steps), on the device."""
        self.learner.train()
        samples = len(self.data.train)
        paired = self.sampling is Sampling.PAIRED
        orders = {
            stream: draw_epoch(self.repetition, epoch, samples, stream, self.augment, self.device)
            for stream in ((PAIRED,) if paired else self.modalities)
        }
        bounds = batch_bounds(samples, self.settings.batch_size)
        values = torch.empty(0)
        for index, (first, last) in enumerate(bounds):
            part = {stream: order.part(first, last) for stream, order in orders.items()}
            found = step(part, epoch)
            if index == 0:
                values = torch.empty(len(found), len(bounds), device=self.device)
            _require_as_many(len(values), len(found))
            values[:, index] = found
            yield
        return values

    def _note_epoch(self, training: TrainingState, values: Tensor, epoch: int) -> None:
        """Add the means of an epoch, whose values are on the host, to the curves."""
        names = tuple(self.learner.terms)
        if training.loss_curve:
            _require_as_many(len(training.term_curves), len(names))
        training.loss_curve.append(_mean_finite("loss", values[0], epoch))
        bounds = batch_bounds(len(self.data.train), self.settings.batch_size)
        sizes = [last - first for first, last in bounds]
        for name, own in zip(names, values[1:], strict=True):
            _mean_finite(f"term '{name}'", own, epoch)
            curve = training.term_curves.setdefault(name, [])
            curve.append(float(np.average(own.double().numpy(), weights=sizes)))

    def _confusion(self, network: nn.Module, samples: Tensor) -> Tensor:
        return confusion_matrix(
            self.data.labels[samples],
            predict(network, modalities_of(network), self.data, samples),
            self.data.num_classes,
        )

    def _evaluations(self, tracker: CheckpointTracker) -> dict[str, tuple[Scores, Scores]]:
        """Validation and test scores of the network ("") and its probes as they are now."""

        def score(network: nn.Module, samples: Tensor) -> Scores:
            return scores(self._confusion(network, samples).cpu())

        return {
            name: (score(network, self.data.validation), score(network, self.data.test))
            for name, network in {"": tracker.network, **tracker.probes}.items()
        }

    def _resources(self, training: TrainingState, captured: bool) -> Resources:
        images = len(self.data.train) * len(self.modalities) * self.settings.epochs
        return Resources(
            seconds=training.seconds,
            images_per_second=images / training.seconds,
            peak_memory_bytes=training.peak_memory_bytes,
            trained_parameters=count_parameters(self.learner),
            captured=captured,
            continued=training.continued,
        )


def _deployment_result(
    tracker: CheckpointTracker,
    selected: Mapping[str, tuple[Scores, Scores]],
    last: Mapping[str, tuple[Scores, Scores]],
) -> DeploymentResult:
    def at(epoch: int, scores: tuple[Scores, Scores]) -> Evaluation:
        return Evaluation(epoch=epoch, validation=scores[0], test=scores[1])

    best_epoch, last_epoch = tracker.best_epoch, len(tracker.curve) - 1
    return DeploymentResult(
        parameters=count_parameters(tracker.network),
        selected=at(best_epoch, selected[""]),
        last=at(last_epoch, last[""]),
        validation_curve=tracker.curve,
        probes={
            name: ProbeResult(
                selected=at(best_epoch, selected[name]), last=at(last_epoch, last[name])
            )
            for name in tracker.probes
        },
    )


def _require_as_many(before: int, now: int) -> None:
    if before != now:
        raise ValueError(
            "the learner's loss noted more terms in one batch than in another; it must note the "
            "same names in each"
        )


def _mean_finite(what: str, values: Tensor, epoch: int) -> float:
    finite = torch.isfinite(values)
    if not bool(finite.all()):
        step = int((~finite).int().argmax())
        raise TrainingDivergedError(
            f"the {what} became {float(values[step])} in epoch {epoch + 1}, step {step + 1} of "
            f"{len(values)}; lower the learning rate, or train with --precision fp32"
        )
    return float(values.mean())
