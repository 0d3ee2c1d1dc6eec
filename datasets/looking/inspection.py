"""What a data set holds and whether its splits leak, in numbers and in sentences."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.base import Array, Dataset
from datasets.looking.image_statistics import ChannelStatistics, collect_statistics
from datasets.looking.near_duplicates import (
    NearDuplicates,
    find_near_duplicates,
    standardise_thumbnails,
)
from datasets.splits import PARTS, Split, SplitRule


@dataclass(frozen=True)
class SplitInspection:
    """One split.

    Attributes:
        repetition: number of the repetition, from 0.
        counts: samples, or pixels where each has a class, per part and class (3, classes), int64.
        validation_copies: validation samples whose images all equal those of a training sample.
        test_copies: test samples whose images all equal those of a training or validation sample.
        shared_groups: groups with samples in both training and test, or None without groups.
        near_duplicates: test samples that look almost the same as a training sample.
    """

    repetition: int
    counts: NDArray[np.int64]
    validation_copies: int
    test_copies: int
    shared_groups: int | None
    near_duplicates: NearDuplicates


@dataclass(frozen=True)
class Inspection:
    """A data set and the splits that a rule makes of it.

    Attributes:
        name: of the data set.
        shapes: modality -> (C, H, W).
        types: modality -> name of the array type.
        statistics: modality -> statistics of its channels.
        class_names: one name per class.
        samples: number of samples.
        pixels: number of pixels of all label maps; None where each sample has one class.
        class_counts: samples per class (classes,), int64, or pixels.
        groups: number of groups, or None without groups.
        copies: samples whose images all equal those of an earlier sample.
        conflicting_copies: samples whose images all equal those of a sample of another class, or
            with another label map.
        rule: how the splits are made.
        splits: one per repetition.
    """

    name: str
    shapes: Mapping[str, tuple[int, ...]]
    types: Mapping[str, str]
    statistics: Mapping[str, ChannelStatistics]
    class_names: tuple[str, ...]
    samples: int
    pixels: int | None
    class_counts: NDArray[np.int64]
    groups: int | None
    copies: int
    conflicting_copies: int
    rule: SplitRule
    splits: tuple[SplitInspection, ...]

    def describe(self) -> list[str]:
        """Sentences on what the data set holds."""
        grouped = "no groups" if self.groups is None else f"{self.groups} groups"
        classes = f"in {len(self.class_names)} classes"
        if self.pixels is not None:
            classes = f"with one of {len(self.class_names)} classes per pixel"
        sentences = [f"{self.name} has {self.samples} samples {classes} and {grouped}."]
        for name, shape in self.shapes.items():
            sizes = " x ".join(map(str, shape))
            sentences.append(f"{name}: {sizes} (channels x height x width), {self.types[name]}.")
            found = self.statistics[name]
            sentences.extend(
                f"{name} channel {channel + 1}: {found.minimum[channel]:g} to "
                f"{found.maximum[channel]:g}, mean {found.mean[channel]:.4g}, percentiles 2 and 98 "
                f"{found.low[channel]:.4g} and {found.high[channel]:.4g}."
                for channel in range(shape[0])
            )
        sentences += self._classes() if self.pixels is None else self._pixel_classes(self.pixels)
        another = "are of another class" if self.pixels is None else "have another label map"
        sentences.append(
            f"Exact copies of another sample: {self.copies}, of which "
            f"{self.conflicting_copies} {another}."
        )
        worst = max(self.splits, key=lambda split: split.near_duplicates.share)
        sentences.append(
            f"Test samples with a near-duplicate in training: {worst.near_duplicates.share:.1%} at "
            f"most in {len(self.splits)} repetition(s) of split: {self.rule}."
        )
        return sentences

    def _classes(self) -> list[str]:
        first = self.splits[0]
        sentences = []
        for label, name in enumerate(self.class_names):
            parts = ", ".join(
                f"{count} {part}" for part, count in zip(PARTS, first.counts[:, label], strict=True)
            )
            sentences.append(
                f"Class {name}: {self.class_counts[label]} samples ({parts} in repetition "
                f"{first.repetition})."
            )
        return sentences

    def _pixel_classes(self, pixels: int) -> list[str]:
        first = self.splits[0]
        known = self.class_counts.sum()
        shares = first.counts / np.maximum(first.counts.sum(axis=1, keepdims=True), 1)
        sentences = [f"Pixels without a class: {1 - known / pixels:.2%} of {pixels:,}."]
        for label, name in enumerate(self.class_names):
            parts = ", ".join(
                f"{share:.2%} {part}" for part, share in zip(PARTS, shares[:, label], strict=True)
            )
            sentences.append(
                f"Class {name}: {self.class_counts[label] / known:.2%} of the pixels with a class "
                f"({parts} in repetition {first.repetition})."
            )
        return sentences

    def warnings(self) -> list[str]:
        """Sentences on what makes results doubtful, each with what to do; none is good news."""
        return [
            *self._constant_channels(),
            *self._missing_classes(),
            *self._exact_copies(),
            *self._shared_groups(),
            *self._near_duplicates(),
        ]

    def _constant_channels(self) -> list[str]:
        return [
            f"Channel {channel + 1} of {name} has the value {found.minimum[channel]:g} everywhere "
            "and tells nothing; check how it was read."
            for name, found in self.statistics.items()
            for channel in np.flatnonzero(found.minimum == found.maximum)
        ]

    def _missing_classes(self) -> list[str]:
        sentences = []
        for position, part in enumerate(PARTS):
            missing = {
                self.class_names[label]: None
                for split in self.splits
                for label in np.flatnonzero(split.counts[position] == 0)
            }
            if missing and self.pixels is not None:
                sentences.append(
                    f"The {part} part has no pixel of {', '.join(missing)} in some repetition"
                    + (", which its mean IoU then leaves out." if part != "training" else ".")
                )
            elif missing:
                sentences.append(
                    f"The {part} part has no sample of {', '.join(missing)} in some repetition; "
                    "give more samples or finer groups."
                )
        return sentences

    def _exact_copies(self) -> list[str]:
        sentences = []
        if self.conflicting_copies:
            another = "of another class" if self.pixels is None else "with another label map"
            sentences.append(
                f"{self.conflicting_copies} samples are exact copies of a sample {another}; "
                "correct their labels or remove them."
            )
        test = max(self.splits, key=lambda split: split.test_copies)
        validation = max(split.validation_copies for split in self.splits)
        if test.test_copies or validation:
            sentences.append(
                f"The split leaks: up to {test.test_copies} of {test.counts[2].sum()} test samples "
                f"are exact copies of a training or validation sample, and up to {validation} "
                "validation samples of a training sample; remove the copies or put them into one "
                "group and use split: by_group."
            )
        return sentences

    def _shared_groups(self) -> list[str]:
        most = max((split.shared_groups or 0 for split in self.splits), default=0)
        if not most:
            return []
        return [
            f"The split leaks: {most} of {self.groups} groups have samples in both training and "
            f"test, so scores of split: {self.rule} are too good for unseen groups; use split: "
            "by_group."
        ]

    def _near_duplicates(self) -> list[str]:
        leaking = [split.near_duplicates for split in self.splits if split.near_duplicates.leaks]
        if not leaking:
            return []
        worst = max(leaking, key=lambda found: found.share)
        if worst.share_across_groups is None:
            comparison, action = "", "add groups that name the shot or scene of each sample and "
        else:
            comparison = f", but only {worst.share_across_groups:.0%} have one in another group"
            action = ""
        return [
            f"The split leaks: {worst.share:.0%} of the test samples have a near-duplicate in "
            f"training{comparison}, as frames of one video do; {action}use split: by_group."
        ]


def inspect(dataset: Dataset, split_rule: SplitRule, repetitions: int) -> Inspection:
    """Look at all images once and at the splits of each repetition.

    Images may be memory-mapped and larger than the memory. Splits that come with the data are
    used as in training.

    Args:
        dataset: opened data set.
        split_rule: how it is split.
        repetitions: number of repetitions, at least 1.

    Raises:
        UserError: the data cannot be split by this rule.
    """
    found = collect_statistics(dataset.modalities)
    features = standardise_thumbnails(found.thumbnails)
    _, first, copy_of = np.unique(found.digests, return_index=True, return_inverse=True)
    splits = []
    for repetition in range(repetitions):
        split = dataset.split(split_rule, repetition)
        splits.append(_inspect_split(dataset, split, repetition, copy_of, features))
    return Inspection(
        name=dataset.name,
        shapes={name: images.shape[1:] for name, images in dataset.modalities.items()},
        types={name: images.dtype.name for name, images in dataset.modalities.items()},
        statistics=found.statistics,
        class_names=dataset.class_names,
        samples=len(dataset),
        pixels=None if dataset.task == "classification" else dataset.labels.size,
        class_counts=_count(dataset, slice(None)),
        groups=None if dataset.groups is None else len(np.unique(dataset.groups)),
        copies=len(dataset) - len(first),
        conflicting_copies=_of_another_class(copy_of, _label_numbers(dataset, copy_of)),
        rule=split_rule,
        splits=tuple(splits),
    )


def _inspect_split(
    dataset: Dataset,
    split: Split,
    repetition: int,
    copy_of: NDArray[np.int64],
    features: NDArray[np.float32],
) -> SplitInspection:
    parts = (split.train, split.validation, split.test)
    train, validation, test = (copy_of[part] for part in parts)
    return SplitInspection(
        repetition=repetition,
        counts=np.stack([_count(dataset, part) for part in parts]),
        validation_copies=int(np.isin(validation, train).sum()),
        test_copies=int(np.isin(test, np.concatenate([train, validation])).sum()),
        shared_groups=_shared(dataset.groups, split),
        near_duplicates=find_near_duplicates(features, split, dataset.groups),
    )


def _count(dataset: Dataset, part: NDArray[np.int64] | slice) -> NDArray[np.int64]:
    """Samples, or pixels where each has a class, per class (classes,) in a part."""
    if dataset.pixel_counts is not None:
        of_part: NDArray[np.int64] = dataset.pixel_counts[part].sum(axis=0)
        return of_part
    counts: NDArray[np.int64] = np.bincount(
        dataset.labels[part], minlength=len(dataset.class_names)
    )
    return counts


def _label_numbers(dataset: Dataset, copy_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number per sample (N,), equal where labels are; of label maps only where images are."""
    if dataset.task == "classification":
        classes: NDArray[np.int64] = dataset.labels
        return classes
    numbers = np.zeros(len(dataset), np.int64)
    known: dict[bytes, int] = {}
    for sample in np.flatnonzero(np.bincount(copy_of)[copy_of] > 1):
        digest = hashlib.sha256(np.ascontiguousarray(dataset.labels[sample]).data).digest()
        numbers[sample] = known.setdefault(digest, len(known))
    return numbers


def _shared(groups: Array | None, split: Split) -> int | None:
    if groups is None:
        return None
    return len(np.intersect1d(groups[split.train], groups[split.test]))


def _of_another_class(copy_of: NDArray[np.int64], labels: NDArray[np.int64]) -> int:
    """Number of samples in sets of copies that hold more than one class."""
    pairs = np.unique(np.stack([copy_of, labels], axis=1), axis=0)
    classes = np.bincount(pairs[:, 0])
    return int((classes[copy_of] > 1).sum())
