"""Batches from images, labels and teacher logits that are on the device already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.training.data import TrainingData
from benchmark.training.order import PAIRED, EpochOrder
from benchmark.training.teacher import TeacherLogits
from methods import Batch


@dataclass(frozen=True)
class Batches:
    """Makes batches out of an order.

    Attributes:
        data: the data of the repetition.
        modalities: what the learner reads.
        teacher: gives a batch's teacher logits; None for methods without a teacher.
    """

    data: TrainingData
    modalities: Sequence[str]
    teacher: TeacherLogits | None

    def gather(self, orders: Mapping[str, EpochOrder]) -> Batch:
        """Make one batch.

        Args:
            orders: stream -> positions and views (B,) of the batch; either `PAIRED` alone or each
                modality by its name.
        """
        inputs, targets, teacher_logits = {}, {}, None
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
            teacher_logits = self.teacher(shared.positions, shared.views)
        return Batch(inputs, targets, teacher_logits)
