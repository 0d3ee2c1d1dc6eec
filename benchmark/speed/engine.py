"""The suite's own training, as workers do it."""

import torch

from benchmark.speed.timed_training import Bench, TimedTraining
from benchmark.training.graph import GraphedStep
from benchmark.training.interleaving import TrainingSteps, run_to_end, until_device_is_done
from benchmark.training.step import Step, TrainingStep
from benchmark.training.task import Need
from benchmark.training.teacher import Teacher
from methods import Batch, Kind, Learner, Problem
from methods.networks.encoder import Encoder
from methods.networks.properties import set_compute_dtype
from methods.registry import make_method, make_plugin

EPOCH = 100  # that losses are told: DKD's warm-up and CTKD's curriculum are over, as in most epochs


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
    dataset = bench.dataset
    problem = Problem(
        {name: dataset.channels[name] for name in modalities},
        len(dataset.class_names),
        seed=0,
        task=dataset.task,
        network=bench.spec.network,
        labels=bench.engine.training_labels(bench.data),
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
        teacher: what batches of a method with a teacher get theirs from.
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
        teacher: Teacher,
        graphs: bool = True,
    ) -> None:
        definition = make_method(method, {})
        self.name = name
        self.modalities = modalities
        self.encoders = definition.encoders_per_modality
        self.evaluations = bench.shape.split_sizes[1]
        self.learner = make_learner(bench, method, modalities, plugin)
        self._device = bench.device
        need = Need(
            modalities=modalities,
            sampling=definition.sampling,
            teacher_features=getattr(definition, "teacher_needs", ()),
            device=bench.device,
            shuffled_teacher=definition.shuffled_teacher,
        )
        needed = teacher if definition.kind is Kind.DISTILLATION else None
        self._task = bench.engine.training(bench.spec, need, bench.data, needed)
        graphs = graphs and bench.device.type == "cuda"
        optimiser = self._task.optimiser(self.learner.parameters(), graphs)
        step = TrainingStep(self.learner, optimiser, self._task)
        self._step: Step = GraphedStep(step) if graphs else step

    def train(self, round_number: int) -> None:
        run_to_end(self.train_in_steps(round_number))

    def train_in_steps(self, round_number: int) -> TrainingSteps[list[float]]:
        """Train as `train` does and yield after each step; the losses of the steps."""
        self.learner.train()
        losses = torch.empty(len(self._task.bounds()), dtype=torch.float64, device=self._device)
        for index, orders in enumerate(self._task.epoch(round_number)):
            losses[index] = self._step(orders, EPOCH)[0]
            yield
        yield from until_device_is_done(self._device)
        found = losses.cpu()
        if not found.isfinite().all():
            raise RuntimeError(f"{self.name}: the loss is no longer finite")
        return found.tolist()

    def evaluate(self) -> None:
        for network in self.learner.deployments().values():
            self._task.headline(self._task.confusion(network, "validation")).cpu()

    def batch(self) -> Batch:
        """One batch as its step makes them."""
        return self._task.gather(next(self._task.epoch(0)))
