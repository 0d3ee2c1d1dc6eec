"""Batches from images and label maps that are on the device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.training.augmentation import crop_images, crop_labels, jitter_colours
from benchmark.training.order import PAIRED
from benchmark.training.segmentation.data import SegmentationData
from benchmark.training.segmentation.order import TEACHER, ImageOrder
from benchmark.training.segmentation.teacher import RunningTeacher
from methods import Batch


@dataclass(frozen=True)
class ImageBatches:
    """Makes batches out of an order.

    Attributes:
        data: of the repetition.
        modalities: what the learner reads.
        teacher: gives its logits and features; None for methods without one.
        teacher_features: names of the features that a batch must hold.
        crop: height and width of augmented images.
        jitters: colours are changed.
    """

    data: SegmentationData
    modalities: Sequence[str]
    teacher: RunningTeacher | None
    teacher_features: Sequence[str]
    crop: Size
    jitters: bool

    def gather(self, orders: Mapping[str, ImageOrder]) -> Batch:
        """Make one batch.

        Args:
            orders: stream -> order of the batch; see `draw_image_orders`.
        """
        inputs: dict[str, Tensor] = {}
        targets: dict[str, Tensor] = {}
        shared = orders.get(PAIRED)
        for modality in self.modalities:
            order = shared or orders[modality]
            inputs[modality] = self._images(modality, order)
            if shared is None or not targets:
                target = self._labels(order)
            targets[modality] = target
        if self.teacher is None:
            return Batch(inputs, targets)
        view = orders[TEACHER] if self.teacher.own_view else orders[PAIRED]
        # A view that both see is made once.
        seen = {} if self.teacher.own_view else inputs
        shown = {
            name: seen[name] if name in seen else self._images(name, view)
            for name in self.teacher.modalities
        }
        logits, features = self.teacher(shown, self.teacher_features)
        return Batch(inputs, targets, logits, features)

    def _images(self, modality: str, order: ImageOrder) -> Tensor:
        bank = self.data.banks[modality]
        images = bank.gather(self.data.train[order.positions])
        if order.draws is None:
            return bank.standardise(images).contiguous(memory_format=torch.channels_last)
        if bank.colours and self.jitters:
            images = jitter_colours(images, order.draws.colours)
        return crop_images(bank.standardise(images), order.draws.geometry, self.crop)

    def _labels(self, order: ImageOrder) -> Tensor:
        labels = self.data.labels.gather(self.data.train[order.positions])
        if order.draws is None:
            return labels
        return crop_labels(labels, order.draws.geometry, self.crop)
