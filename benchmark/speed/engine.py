"""The suite's own training, as workers do it."""

import torch

from benchmark.speed.timed_training import REPETITION, Bench, TimedTraining
from benchmark.training.batches import Batches
from benchmark.training.evaluation import confusion_matrix, predict, weighted_f1
from benchmark.training.graph import GraphedStep
from benchmark.training.optimiser import Adam
from benchmark.training.order import PAIRED, batch_bounds, draw_epoch
from benchmark.training.step import Step, TrainingStep
from benchmark.training.teacher import TeacherLogits
from methods import Kind, Learner, Problem, Sampling
from methods.networks.properties import modalities_of, set_compute_dtype
from methods.registry import make_method, make_plugin

LEARNING_RATE = 1e-4
EPOCH = 100  # that losses are told: DKD's warm-up and CTKD's curriculum are over, as in most epochs


def make_step(learner: Learner, batches: Batches, device: torch.device) -> Step:
    """The training step of a learner, with its optimiser: on a GPU as CUDA graphs."""
    graphs = device.type == "cuda"
    optimiser = Adam(learner.parameters(), LEARNING_RATE, capturable=graphs)
    step = TrainingStep(learner, optimiser, batches)
    return GraphedStep(step) if graphs else step


def make_learner(
    bench: Bench, method: str, modalities: tuple[str, ...], plugin: str = "none"
) -> Learner:
    """A method's learner on the device, as a worker makes it."""
    channels = bench.dataset.channels
    data = bench.data
    problem = Problem(
        {name: channels[name] for name in modalities},
        data.num_classes,
        seed=0,
        labels=data.labels[data.train].tolist(),
    )
    learner = make_method(method, {}).learner(problem, make_plugin(plugin))
    set_compute_dtype(learner, bench.dtype)
    return learner.to(bench.device).to(memory_format=torch.channels_last)


class EngineRun(TimedTraining):
    """Training of one method, and its validation.

    An epoch is that of `Trainer`, except that the best weights are not copied and no snapshots are
    written.

    Args:
        bench: what to train on.
        name: see `Timing`.
        method: registered name.
        plugin: registered name or "none".
        modalities: what to train on.
        teacher: gives teacher logits.
    """

    kind = "engine"

    def __init__(
        self,
        bench: Bench,
        name: str,
        method: str,
        plugin: str,
        modalities: tuple[str, ...],
        teacher: TeacherLogits,
    ) -> None:
        definition = make_method(method, {})
        self.name = name
        self.modalities = modalities
        self.encoders = definition.encoders_per_modality
        self.evaluations = bench.shape.split_sizes[1]
        self.learner = make_learner(bench, method, modalities, plugin)
        self._bench = bench
        self._streams = (PAIRED,) if definition.sampling is Sampling.PAIRED else modalities
        needed = teacher if definition.kind is Kind.DISTILLATION else None
        features = getattr(definition, "teacher_needs", ())
        if needed is not None:
            needed.prepare(features)
        batches = Batches(bench.data, modalities, needed, features)
        self._step = make_step(self.learner, batches, bench.device)

    def train(self, round_number: int) -> None:
        bench = self._bench
        self.learner.train()
        samples = len(bench.data.train)
        orders = {
            stream: draw_epoch(REPETITION, round_number, samples, stream, True, bench.device)
            for stream in self._streams
        }
        bounds = batch_bounds(samples, bench.batch_size)
        losses = torch.empty(len(bounds), device=bench.device)
        for index, (first, last) in enumerate(bounds):
            part = {stream: order.part(first, last) for stream, order in orders.items()}
            losses[index] = self._step(part, EPOCH)[0]
        if not losses.cpu().isfinite().all():
            raise RuntimeError(f"{self.name}: the loss is no longer finite")

    def evaluate(self) -> None:
        data = self._bench.data
        for network in self.learner.deployments().values():
            predicted = predict(network, modalities_of(network), data, data.validation)
            targets = data.labels[data.validation]
            weighted_f1(confusion_matrix(targets, predicted, data.num_classes)).cpu()
