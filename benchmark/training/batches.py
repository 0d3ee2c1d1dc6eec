"""Batches from images, labels and what a teacher gives that are on the device already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from benchmark.training.data import TrainingData
from benchmark.training.order import PAIRED, TEACHER, EpochOrder
from benchmark.training.teacher import TeacherLogits
from methods import Batch


@dataclass(frozen=True)
class Batches:
    """Makes batches out of an order.

    Attributes:
        data: the data of the repetition.
        modalities: what the learner reads.
        teacher: gives a batch's teacher logits; None for methods without a teacher.
        teacher_features: what else it gives, by name.
    """

    data: TrainingData
    modalities: Sequence[str]
    teacher: TeacherLogits | None
    teacher_features: Sequence[str] = ()

    def gather(self, orders: Mapping[str, EpochOrder]) -> Batch:
        """Make one batch.

        Args:
            orders: stream -> positions and views (B,) of the batch; either `PAIRED` alone or each
                modality by its name. With `PAIRED` there may be `TEACHER`, what the teacher sees.
        """
        inputs, targets, teacher_logits = {}, {}, None
        features: Mapping[str, Tensor] = {}
        shared = orders.get(PAIRED)
        target = None
        for modality in self.modalities:
            order = shared or orders[modality]
            samples = self.data.train[order.positions]
            if shared is None or target is None:
                target = self.data.labels[samples]
            inputs[modality] = self.data.banks[modality].gather(samples, order.views)
            targets[modality] = target
        if self.teacher is not None and shared is not None:
            shown = orders.get(TEACHER, shared)
            if self.teacher_features:
                teacher_logits, features = self.teacher.with_features(
                    shown.positions, shown.views, self.teacher_features
                )
            else:
                teacher_logits = self.teacher(shown.positions, shown.views)
        positions = None if shared is None else shared.positions
        return Batch(inputs, targets, teacher_logits, features, positions)
