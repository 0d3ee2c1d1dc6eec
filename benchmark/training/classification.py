"""Training with one class per sample: the engine's work for classification."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.run_files import LOGITS, PREDICTIONS
from benchmark.records.scores import ClassificationScores
from benchmark.records.spec import RunSpec, TeacherSpec
from benchmark.training.batches import Batches
from benchmark.training.data import ResidentData, TrainingData, prepare_data
from benchmark.training.evaluation import (
    confusion_matrix,
    predict,
    predict_with_logits,
    scores,
    weighted_f1,
)
from benchmark.training.optimiser import Adam, ScheduledAdamW
from benchmark.training.order import (
    PAIRED,
    TEACHER,
    EpochOrder,
    batch_bounds,
    draw_epoch,
    draw_partners,
)
from benchmark.training.task import Need, Part, TaskEngine, TaskTraining, TestArrays
from benchmark.training.teacher import LiveTeacher, TeacherLogits, TeacherTable
from datasets import Dataset
from methods import Batch, Sampling
from methods.networks.properties import modalities_of


@dataclass(frozen=True)
class ClassificationTraining(TaskTraining):
    """Batches of whole images under D4 views, Adam or AdamW, scores of classes.

    Attributes:
        spec: the run.
        need: what the training asks for.
        data: of the repetition.
        teacher: looks logits up, or computes them; None without a teacher.
    """

    spec: RunSpec
    need: Need
    data: TrainingData
    teacher: TeacherLogits | None

    @property
    def samples(self) -> int:  # type: ignore[override]
        """Number of training samples."""
        return len(self.data.train)

    def bounds(self) -> Sequence[tuple[int, int]]:
        return batch_bounds(self.samples, self.spec.training.batch_size)

    def epoch(self, epoch: int) -> Iterator[Mapping[str, EpochOrder]]:
        paired = self.need.sampling is Sampling.PAIRED
        augment = self.spec.augmentation != "none"
        repetition, device = self.spec.repetition, self.need.device
        orders = {
            stream: draw_epoch(repetition, epoch, self.samples, stream, augment, device)
            for stream in ((PAIRED,) if paired else self.need.modalities)
        }
        if self.need.shuffled_teacher:
            classes = self.data.true_labels[self.data.split.train]
            partners = torch.from_numpy(draw_partners(repetition, epoch, classes)).to(device)
            student = orders[PAIRED]
            orders[TEACHER] = EpochOrder(partners[student.positions], student.views)
        for first, last in self.bounds():
            yield {stream: order.part(first, last) for stream, order in orders.items()}

    def gather(self, orders: Mapping[str, Any]) -> Batch:
        need = self.need
        source = Batches(self.data, need.modalities, self.teacher, need.teacher_features)
        return source.gather(orders)

    def optimiser(
        self, parameters: Iterable[nn.Parameter], capturable: bool
    ) -> torch.optim.Optimizer:
        training = self.spec.training
        if training.weight_decay is None:
            return Adam(parameters, training.learning_rate, capturable)
        steps = training.epochs * len(self.bounds())
        constant = np.full(steps, training.learning_rate)
        return ScheduledAdamW(parameters, constant, training.weight_decay, capturable)

    def confusion(self, network: nn.Module, part: Part) -> Tensor:
        samples = getattr(self.data, part)
        return confusion_matrix(
            self.data.labels[samples],
            predict(network, modalities_of(network), self.data, samples),
            self.data.num_classes,
        )

    def headline(self, confusion: Tensor) -> Tensor:
        return weighted_f1(confusion)

    def scores(self, confusion: Tensor) -> ClassificationScores:
        return scores(confusion)

    def test_arrays(self, network: nn.Module) -> TestArrays:
        names = modalities_of(network)
        classes, logits = predict_with_logits(network, names, self.data, self.data.test)
        return {PREDICTIONS: classes.cpu().numpy(), LOGITS: logits.cpu().numpy()}


class ClassificationEngine(TaskEngine):
    """One class per sample."""

    def load(self, dataset: Dataset, device: torch.device) -> ResidentData:
        return ResidentData(dataset, device)

    def prepare(self, loaded: ResidentData, spec: RunSpec) -> TrainingData:
        return prepare_data(loaded, spec.data, spec.repetition)

    def teacher(self, network: nn.Module, spec: TeacherSpec, data: TrainingData) -> TeacherLogits:
        made = LiveTeacher if spec.mode == "train" else TeacherTable
        return made(network, spec.modalities, data)

    def training(
        self, spec: RunSpec, need: Need, data: TrainingData, teacher: Any
    ) -> ClassificationTraining:
        if teacher is not None:
            teacher.prepare(need.teacher_features)
        return ClassificationTraining(spec, need, data, teacher)

    def training_images(
        self, data: TrainingData, modalities: Sequence[str]
    ) -> Iterator[Mapping[str, Tensor]]:
        return data.blocks(modalities, data.train)

    def training_labels(self, data: TrainingData) -> list[int]:
        labels: list[int] = data.labels[data.train].tolist()
        return labels

    def samples_arrays(self, data: TrainingData) -> dict[str, dict[str, NDArray[Any]]]:
        return {PREDICTIONS: {"targets": data.true_labels[data.split.test]}}
