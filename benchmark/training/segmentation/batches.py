"""Batches from stored images and label maps that are on the device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.training.augmentation import crop_images, crop_labels, jitter_colours
from benchmark.training.order import PAIRED, TEACHER
from benchmark.training.segmentation.data import SegmentationData
from benchmark.training.segmentation.images import class_indices
from benchmark.training.segmentation.order import ImageOrder
from benchmark.training.segmentation.pixels import LABELS
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

    def names_in(self, stream: str) -> tuple[str, ...]:
        """Names of the stored pixels that the order of a stream must hold."""
        if stream == TEACHER:
            return () if self.teacher is None else tuple(self.teacher.modalities)
        if stream != PAIRED:
            return (stream, LABELS)
        shown = self.teacher.modalities if self.teacher and not self.teacher.own_view else ()
        return (*dict.fromkeys((*self.modalities, *shown)), LABELS)

    def _images(self, modality: str, order: ImageOrder) -> Tensor:
        scale = self.data.scales[modality]
        images = scale.values(order.stored[modality])
        if order.draws is None:
            return scale.standardise(images).contiguous(memory_format=torch.channels_last)
        if scale.colours and self.jitters:
            images = jitter_colours(images, order.draws.colours)
        return crop_images(scale.standardise(images), order.draws.geometry, self.crop)

    def _labels(self, order: ImageOrder) -> Tensor:
        labels = class_indices(order.stored[LABELS], self.data.dataset.ignore_index)
        if order.draws is None:
            return labels
        return crop_labels(labels, order.draws.geometry, self.crop)
