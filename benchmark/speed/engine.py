"""The suite's own training, as workers do it."""

import torch

from benchmark.speed.timed_training import REPETITION, Bench, TimedTraining
from benchmark.training.batches import Batches
from benchmark.training.evaluation import confusion_matrix, predict, weighted_f1
from benchmark.training.graph import GraphedStep
from benchmark.training.interleaving import TrainingSteps, run_to_end, until_device_is_done
from benchmark.training.optimiser import Adam
from benchmark.training.order import PAIRED, batch_bounds, draw_epoch
from benchmark.training.step import Step, TrainingStep
from benchmark.training.teacher import TeacherLogits
from methods import Kind, Learner, Problem, Sampling
from methods.networks.encoder import Encoder
from methods.networks.properties import modalities_of, set_compute_dtype
from methods.registry import make_method, make_plugin

LEARNING_RATE = 1e-4
EPOCH = 100  # that losses are told: DKD's warm-up and CTKD's curriculum are over, as in most epochs


def make_step(
    learner: Learner, batches: Batches, device: torch.device, graphs: bool = True
) -> Step:
    """The training step of a learner, with its optimiser: on a GPU as CUDA graphs, if wanted."""
    graphs = graphs and device.type == "cuda"
    optimiser = Adam(learner.parameters(), LEARNING_RATE, capturable=graphs)
    step = TrainingStep(learner, optimiser, batches)
    return GraphedStep(step) if graphs else step


def make_learner(
    bench: Bench,
    method: str,
    modalities: tuple[str, ...],
    plugin: str = "none",
    layout: torch.memory_format = torch.channels_last,
) -> Learner:
    """A method's learner on the device, as a worker makes it.

    Args:
        bench: what to train on; with float64 the whole learner is in that, for comparisons.
        method: registered name.
        modalities: what to train on.
        plugin: registered name or "none".
        layout: how the weights of convolutions lie in memory.
    """
    channels = bench.dataset.channels
    data = bench.data
    problem = Problem(
        {name: channels[name] for name in modalities},
        data.num_classes,
        seed=0,
        labels=data.labels[data.train].tolist(),
    )
    learner = make_method(method, {}).learner(problem, make_plugin(plugin))
    if bench.dtype == torch.float64:
        _to_float64(learner)
    else:
        set_compute_dtype(learner, bench.dtype)
    return learner.to(bench.device).to(memory_format=layout)


def _to_float64(learner: Learner) -> None:
    """Weights in float64, and images as they come to an encoder."""
    learner.double()
    for part in learner.modules():
        if isinstance(part, Encoder):
            part.register_forward_pre_hook(lambda _, inputs: (inputs[0].double(),))


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
        graphs: on a GPU, launch steps as CUDA graphs.
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
        graphs: bool = True,
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
        self._step = make_step(self.learner, batches, bench.device, graphs)

    def train(self, round_number: int) -> None:
        run_to_end(self.train_in_steps(round_number))

    def train_in_steps(self, round_number: int) -> TrainingSteps[list[float]]:
        """Train as `train` does and yield after each step; the losses of the steps."""
        bench = self._bench
        self.learner.train()
        samples = len(bench.data.train)
        orders = {
            stream: draw_epoch(REPETITION, round_number, samples, stream, True, bench.device)
            for stream in self._streams
        }
        bounds = batch_bounds(samples, bench.batch_size)
        losses = torch.empty(len(bounds), dtype=torch.float64, device=bench.device)
        for index, (first, last) in enumerate(bounds):
            part = {stream: order.part(first, last) for stream, order in orders.items()}
            losses[index] = self._step(part, EPOCH)[0]
            yield
        yield from until_device_is_done(bench.device)
        found = losses.cpu()
        if not found.isfinite().all():
            raise RuntimeError(f"{self.name}: the loss is no longer finite")
        return found.tolist()

    def evaluate(self) -> None:
        data = self._bench.data
        for network in self.learner.deployments().values():
            predicted = predict(network, modalities_of(network), data, data.validation)
            targets = data.labels[data.validation]
            weighted_f1(confusion_matrix(targets, predicted, data.num_classes)).cpu()
