"""The training loop that every method shares."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.record import (
    DeploymentResult,
    Evaluation,
    ProbeResult,
    Resources,
    predictions_name,
)
from benchmark.records.scores import AnyScores
from benchmark.training.checkpoints import CheckpointTracker
from benchmark.training.graph import GraphedStep
from benchmark.training.interleaving import TrainingSteps, run_to_end, until_device_is_done
from benchmark.training.snapshot import Snapshots
from benchmark.training.state import TrainingState
from benchmark.training.step import Step, TrainingStep
from benchmark.training.task import Part, TaskTraining
from methods import Learner
from methods.networks.properties import count_parameters


class TrainingDivergedError(RuntimeError):
    """The loss became NaN or infinite; the run has no result."""


@dataclass(frozen=True)
class TrainingResult:
    """What a training leaves.

    Attributes:
        deployments: name -> scores of the selected and the last checkpoint.
        arrays: file -> name as `predictions_name` makes it -> what is kept of the network's
            predictions on the test part, selected checkpoint.
        weights: name -> state dict of the selected checkpoint.
        loss_curve: mean training loss per epoch, over steps.
        term_curves: name of what the learner noted -> its mean per epoch, over samples.
        resources: time, memory, size.
        notes: what the user should know beside, a sentence each.
    """

    deployments: dict[str, DeploymentResult]
    arrays: dict[str, dict[str, NDArray[Any]]]
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
        task: batches, optimiser and scores of this training.
        epochs: how many; 0 scores the networks as they are.
        snapshots: where the training goes on from if it was stopped.
        capture: record the step as a CUDA graph; takes a GPU, and a stream that is not the default.
        after_epoch: told the number of epochs that are done, and the seconds of the last one.
    """

    learner: Learner
    task: TaskTraining
    epochs: int
    snapshots: Snapshots
    capture: bool = False
    after_epoch: Callable[[int, float], None] | None = None

    @property
    def device(self) -> torch.device:
        """Where everything is."""
        return self.task.need.device

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
        optimiser = self.task.optimiser(self.learner.parameters(), self.capture)
        probes = self.learner.probes()
        trackers = {
            name: CheckpointTracker(network, probes.get(name, {}))
            for name, network in self.learner.deployments().items()
        }
        training = TrainingState(self.learner, optimiser, trackers, self.task.teacher, self.device)
        self.snapshots.resume(training)
        plain = TrainingStep(self.learner, optimiser, self.task)
        graphed = GraphedStep(plain) if self.capture and self.epochs else None
        for epoch in range(training.epochs_done, self.epochs):
            started = time.perf_counter()
            values = yield from self._train_epoch(graphed or plain, epoch)
            self._validate(trackers)
            yield from until_device_is_done(self.device)
            self._note_epoch(training, values.cpu(), epoch)
            for tracker in trackers.values():
                tracker.keep_if_best(epoch)
            seconds = time.perf_counter() - started
            training.seconds += seconds
            if self.after_epoch is not None:
                self.after_epoch(epoch + 1, seconds)
            if epoch + 1 < self.epochs:
                self.snapshots.save_if_due(training)
        if not self.epochs:
            started = time.perf_counter()
            self._validate(trackers)
            for tracker in trackers.values():
                tracker.keep_if_best(0)
            training.seconds += time.perf_counter() - started
        # All last checkpoints are scored before the first best one is put back: deployments may
        # share the layers of their probes.
        last = {name: self._evaluations(tracker) for name, tracker in trackers.items()}
        problem = graphed.problem if graphed else ""
        resources = self._resources(training, captured=graphed is not None and not problem)
        notes = (problem,) if problem else ()
        result = TrainingResult(
            {}, {}, {}, training.loss_curve, training.term_curves, resources, notes
        )
        for name, tracker in trackers.items():
            tracker.restore_best()
            result.deployments[name] = _deployment_result(
                tracker, self._evaluations(tracker), last[name]
            )
            for probe, network in {"": tracker.network, **tracker.probes}.items():
                for file, array in self.task.test_arrays(network).items():
                    result.arrays.setdefault(file, {})[predictions_name(name, probe)] = array
            state = tracker.network.state_dict()
            result.weights[name] = {key: value.detach().clone() for key, value in state.items()}
        return result

    def _validate(self, trackers: Mapping[str, CheckpointTracker]) -> None:
        for tracker in trackers.values():
            confusion = self.task.confusion(tracker.network, "validation")
            tracker.validate(self.task.headline(confusion))

    def _train_epoch(self, step: Step, epoch: int) -> TrainingSteps[Tensor]:
        """Train one epoch; the loss and terms of each step (1 + terms, steps), on the device."""
        self.learner.train()
        values = torch.empty(0)
        for index, orders in enumerate(self.task.epoch(epoch)):
            found = step(orders, epoch)
            if index == 0:
                values = torch.empty(len(found), len(self.task.bounds()), device=self.device)
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
        sizes = [last - first for first, last in self.task.bounds()]
        for name, own in zip(names, values[1:], strict=True):
            _mean_finite(f"term '{name}'", own, epoch)
            curve = training.term_curves.setdefault(name, [])
            curve.append(float(np.average(own.double().numpy(), weights=sizes)))

    def _evaluations(self, tracker: CheckpointTracker) -> dict[str, tuple[AnyScores, AnyScores]]:
        """Validation and test scores of the network ("") and its probes as they are now."""

        def score(network: nn.Module, part: Part) -> AnyScores:
            return self.task.scores(self.task.confusion(network, part).cpu())

        return {
            name: (score(network, "validation"), score(network, "test"))
            for name, network in {"": tracker.network, **tracker.probes}.items()
        }

    def _resources(self, training: TrainingState, captured: bool) -> Resources:
        images = self.task.samples * len(self.task.need.modalities) * self.epochs
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
    selected: Mapping[str, tuple[AnyScores, AnyScores]],
    last: Mapping[str, tuple[AnyScores, AnyScores]],
) -> DeploymentResult:
    def at(epoch: int, scores: tuple[AnyScores, AnyScores]) -> Evaluation:
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
