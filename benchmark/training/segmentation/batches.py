"""Batches of augmented images and label maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from benchmark.records.augmentation import Size
from benchmark.training.augmentation import crop_images, crop_labels, jitter_colours
from benchmark.training.order import PAIRED
from benchmark.training.segmentation.data import LABELS, SegmentationData
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

    def needed(self, stream: str) -> list[str]:
        """Names of the images, and label maps, that an order of this stream is used for."""
        shown = list(self.teacher.modalities) if self.teacher is not None else []
        if stream == TEACHER:
            return shown
        if stream != PAIRED:
            return [stream, LABELS]
        seen = [] if self.teacher is not None and self.teacher.own_view else shown
        return [*dict.fromkeys([*self.modalities, *seen]), LABELS]

    def gather(self, orders: Mapping[str, ImageOrder]) -> Batch:
        """Make one batch.

        Args:
            orders: stream -> order of the batch; see `draw_image_orders`.
        """
        views = {stream: _View(self, stream, order) for stream, order in orders.items()}
        paired = views.get(PAIRED)
        if paired is None:
            return Batch(
                {name: views[name].images(name) for name in self.modalities},
                {name: views[name].labels() for name in self.modalities},
            )
        inputs = {name: paired.images(name) for name in self.modalities}
        targets = dict.fromkeys(self.modalities, paired.labels())
        if self.teacher is None:
            return Batch(inputs, targets)
        view = views[TEACHER] if self.teacher.own_view else paired
        shown = {name: view.images(name) for name in self.teacher.modalities}
        logits, features = self.teacher(shown, self.teacher_features)
        return Batch(inputs, targets, logits, features)


class _View:
    """One view of the samples of a batch; what is asked for twice is made once."""

    def __init__(self, batches: ImageBatches, stream: str, order: ImageOrder) -> None:
        self._batches = batches
        self._order = order
        self._images: dict[str, Tensor] = {}
        self._stored = order.stored
        if not self._stored:
            samples = batches.data.train[order.positions]
            self._stored = batches.data.stored.take(samples, batches.needed(stream))

    def images(self, modality: str) -> Tensor:
        """Standardised images (B, C, H, W), channels last."""
        if modality not in self._images:
            self._images[modality] = self._make(modality)
        return self._images[modality]

    def labels(self) -> Tensor:
        """Class indices (B, H, W)."""
        labels = self._batches.data.labels(self._stored[LABELS])
        draws = self._order.draws
        return labels if draws is None else crop_labels(labels, draws.geometry, self._batches.crop)

    def _make(self, modality: str) -> Tensor:
        bank, draws = self._batches.data.banks[modality], self._order.draws
        images = bank.values(self._stored[modality])
        if draws is None:
            return bank.standardise(images).contiguous(memory_format=torch.channels_last)
        if bank.colours and self._batches.jitters:
            images = jitter_colours(images, draws.colours)
        return crop_images(bank.standardise(images), draws.geometry, self._batches.crop)
