"""What a data set is, whoever reads it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.cards import Task
from datasets.label_maps import pixel_counts
from datasets.splits import (
    Split,
    SplitRule,
    hold_out_validation,
    make_split,
    make_split_of_images,
)

Array = NDArray[np.generic]
Labels = NDArray[Any]  # int64, or a compact integer type for maps


@dataclass(frozen=True)
class Dataset:
    """Paired images of several modalities with one class per pair, or one per pixel.

    Attributes:
        name: what tables and records call it.
        modalities: name -> images (N, C, H, W) in the source's own compact type, never float64; in
            the order that tables use. Sizes may differ between modalities where labels are (N,).
        labels: class indices in [0, len(class_names)): (N,), int64, for classification; (N, H, W)
            for segmentation, uint8, maybe memory-mapped, some of them `ignore_index`.
        class_names: one name per class.
        fingerprint: digest of all content that can change a result, before any resizing.
        groups: (N,) group of each sample, or None; samples of one group belong in one split.
        normalised: the images are already in [0, 1] and are used as they are.
        given_splits: repetition -> split, for data that comes with its own index files.
        official_test: (N,), bool, the samples of the test part that the data is published with, or
            None; a validation part is held out of the others in each repetition.
        ignore_index: the stored label of pixels that have no class, or None.
        pixel_counts: with one class per pixel, the pixels of each class in each sample as it is
            stored, (N, classes), counted where they are not given; None otherwise.
        notes: sentences that every table on this data must show.
    """

    name: str
    modalities: Mapping[str, Array]
    labels: Labels
    class_names: tuple[str, ...]
    fingerprint: str
    groups: Array | None = None
    normalised: bool = False
    given_splits: Mapping[int, Split] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    official_test: NDArray[np.bool_] | None = None
    ignore_index: int | None = None
    pixel_counts: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.labels.ndim == 3 and self.pixel_counts is None:
            counts = pixel_counts(self.labels, len(self.class_names), self.ignore_index)
            object.__setattr__(self, "pixel_counts", counts)

    @property
    def task(self) -> Task:
        """What is predicted: one class per sample, or one per pixel."""
        return "segmentation" if self.labels.ndim == 3 else "classification"

    @property
    def channels(self) -> dict[str, int]:
        """Channel count of each modality."""
        return {name: images.shape[1] for name, images in self.modalities.items()}

    def split(self, rule: SplitRule, repetition: int) -> Split:
        """The split of a repetition, counted from 0.

        Index files or a test part that came with the data are its split where the paper's rule is
        asked for. One class per pixel is split at random over images, whatever is on them, or by
        group.

        Raises:
            UserError: the data cannot be split by this rule.
        """
        if rule == "paper" and repetition in self.given_splits:
            return self.given_splits[repetition]
        if rule == "paper" and self.official_test is not None:
            return hold_out_validation(self.official_test, self.groups, repetition)
        if self.pixel_counts is not None:
            return make_split_of_images(self.pixel_counts, self.groups, rule, repetition)
        return make_split(self.labels, self.groups, rule, repetition)

    def __len__(self) -> int:
        return len(self.labels)


def fingerprint(*parts: Mapping[str, Array] | str) -> str:
    """Digest named arrays (name, type, shape, content) and strings, in the order given."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode())
            continue
        for name, array in part.items():
            digest.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:20]
