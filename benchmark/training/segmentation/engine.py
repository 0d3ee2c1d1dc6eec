"""Training with one class per pixel: the engine's work for segmentation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.augmentation import Augmentation
from benchmark.records.label_maps import INDICES, NO_CLASS, TRUTH
from benchmark.records.run_files import MAPS, PREDICTIONS
from benchmark.records.scores import SegmentationScores
from benchmark.records.spec import RunSpec, TeacherSpec
from benchmark.training.optimiser import ScheduledAdamW, polynomial_schedule
from benchmark.training.segmentation.batches import ImageBatches
from benchmark.training.segmentation.data import (
    SegmentationData,
    StoredData,
    prepare_segmentation,
)
from benchmark.training.segmentation.evaluation import (
    count_pixels,
    mean_iou,
    predicted_maps,
    segmentation_scores,
)
from benchmark.training.segmentation.kept_maps import kept_places
from benchmark.training.segmentation.order import ImageOrder, draw_image_orders
from benchmark.training.segmentation.teacher import RunningTeacher
from benchmark.training.task import Need, Part, TaskEngine, TaskTraining, TestArrays
from datasets import Dataset
from datasets.splits import Indices
from methods import Batch


@dataclass(frozen=True)
class SegmentationTraining(TaskTraining):
    """Batches of augmented crops, AdamW with warm-up and decay, scores of pixels.

    Attributes:
        spec: the run.
        need: what the training asks for.
        data: of the repetition.
        teacher: is run on every batch; None without a teacher.
    """

    spec: RunSpec
    need: Need
    data: SegmentationData
    teacher: RunningTeacher | None

    @property
    def samples(self) -> int:  # type: ignore[override]
        """Number of training images."""
        return len(self.data.split.train)

    @property
    def augmentation(self) -> Augmentation | None:
        """How batches are augmented; None for images as they are."""
        wanted = self.spec.augmentation
        return wanted if isinstance(wanted, Augmentation) else None

    def bounds(self) -> Sequence[tuple[int, int]]:
        # An incomplete batch could be of one image, whose pooled features have no variance.
        size = self.spec.training.batch_size
        return [(first, first + size) for first in range(0, self.samples - size + 1, size)]

    def epoch(self, epoch: int) -> Iterator[Mapping[str, ImageOrder]]:
        orders = draw_image_orders(
            self.spec.repetition,
            epoch,
            self.samples,
            self.need.sampling,
            self.need.modalities,
            self.teacher is not None and self.teacher.own_view,
            self.augmentation,
            self.data.size,
            self.need.device,
        )
        batches = [
            {stream: order.part(first, last) for stream, order in orders.items()}
            for first, last in self.bounds()
        ]
        samples = {
            stream: self.data.split.train[order.positions.cpu().numpy()]
            for stream, order in orders.items()
        }
        parts = [
            (samples[stream][first:last], self._batches.names_in(stream))
            for first, last in self.bounds()
            for stream in orders
        ]
        with closing(self.data.pixels.batches(parts)) as stored:
            for batch in batches:
                yield {
                    stream: replace(order, stored=next(stored)) for stream, order in batch.items()
                }

    def gather(self, orders: Mapping[str, Any]) -> Batch:
        return self._batches.gather(orders)

    @cached_property
    def _batches(self) -> ImageBatches:
        augmentation = self.augmentation
        return ImageBatches(
            data=self.data,
            modalities=self.need.modalities,
            teacher=self.teacher,
            teacher_features=self.need.teacher_features,
            crop=augmentation.crop_size(self.data.size) if augmentation else self.data.size,
            jitters=augmentation is not None and augmentation.jitters,
        )

    def optimiser(
        self, parameters: Iterable[nn.Parameter], capturable: bool
    ) -> torch.optim.Optimizer:
        training, steps = self.spec.training, len(self.bounds())
        rates = polynomial_schedule(
            training.learning_rate,
            training.epochs * steps,
            (training.warm_up_epochs or 0) * steps,
            training.decay_power or 0,
        )
        return ScheduledAdamW(parameters, rates, training.weight_decay or 0, capturable)

    def confusion(self, network: nn.Module, part: Part) -> Tensor:
        classes = self.data.num_classes
        samples: Indices = getattr(self.data.split, part)
        total = torch.zeros(classes, classes, dtype=torch.int64, device=self.need.device)
        for targets, predictions in predicted_maps(network, self.data, samples):
            total += count_pixels(targets, predictions, classes).sum(dim=0)
        return total

    def headline(self, confusion: Tensor) -> Tensor:
        return mean_iou(confusion)

    def scores(self, confusion: Tensor) -> SegmentationScores:
        return segmentation_scores(confusion)

    def test_arrays(self, network: nn.Module) -> TestArrays:
        """Confusion matrix of each test image (n, C, C), and the maps of some."""
        data = self.data
        counts, maps = [], []
        wanted = set(kept_places(data).tolist())
        place = 0
        for targets, predictions in predicted_maps(network, data, data.split.test):
            found = count_pixels(targets, predictions, data.num_classes)
            counts.append(found.to(torch.int32).cpu())
            for one in predictions:
                if place in wanted:
                    maps.append(one.to(torch.uint8).cpu())
                place += 1
        return {PREDICTIONS: torch.cat(counts).numpy(), MAPS: torch.stack(maps).numpy()}


class SegmentationEngine(TaskEngine):
    """One class per pixel."""

    def load(self, dataset: Dataset, device: torch.device) -> StoredData:
        return StoredData(dataset, device)

    def prepare(self, loaded: StoredData, spec: RunSpec) -> SegmentationData:
        return prepare_segmentation(loaded, spec)

    def teacher(
        self, network: nn.Module, spec: TeacherSpec, data: SegmentationData
    ) -> RunningTeacher:
        return RunningTeacher(network, spec.mode == "train", spec.view == "independent")

    def training(
        self, spec: RunSpec, need: Need, data: SegmentationData, teacher: Any
    ) -> SegmentationTraining:
        return SegmentationTraining(spec, need, data, teacher)

    def training_labels(self, data: SegmentationData) -> Sequence[int]:
        return ()

    def samples_arrays(self, data: SegmentationData) -> dict[str, dict[str, NDArray[Any]]]:
        """Of the test images whose maps are kept, their indices and true maps."""
        samples, ignored = data.split.test[kept_places(data)], data.dataset.ignore_index
        truth = np.array(data.dataset.labels[samples])
        if ignored is not None:  # of own data it may be the index of a class
            truth[truth == ignored] = NO_CLASS
        return {MAPS: {INDICES: samples, TRUTH: truth}}
