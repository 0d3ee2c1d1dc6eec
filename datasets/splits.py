"""How samples are divided into training, validation and test: one module for all data sets."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError

Indices = NDArray[np.int64]
SplitRule = Literal["paper", "by_group"]

SHARES = (0.7, 0.1, 0.2)
VALIDATION_SHARE = 0.1  # of what an official split gives for training
# Among the notes of data that is split so.
OFFICIAL_SPLIT = (
    "split as published, a tenth of its training part held out for validation in each repetition"
)
PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Sample indices of the three parts, each (n,), int64, without a common element."""

    train: Indices
    validation: Indices
    test: Indices


def make_split(
    labels: Indices, groups: NDArray[np.generic] | None, rule: SplitRule, repetition: int
) -> Split:
    """Split by a rule, 70/10/20; the same arguments give the same split.

    Args:
        labels: class indices (N,).
        groups: group of each sample (N,), needed for "by_group".
        rule: "paper", random within each class as in the code released with DisCoM-KD;
            "by_group", all samples of a group in one part, class shares kept as far as groups
            allow.
        repetition: number of the repetition, from 0.

    Raises:
        UserError: no groups where they are needed, or a part would be empty.
    """
    if rule == "paper":
        split = _paper_split(labels, repetition)
    else:
        counts = np.zeros((len(labels), labels.max() + 1), np.int64)
        counts[np.arange(len(labels)), labels] = 1
        split = _group_split(counts, _required(groups), repetition)
    return _filled(split, f"{len(labels)} samples in {labels.max() + 1} classes")


def make_split_of_images(
    pixel_counts: NDArray[np.int64],
    groups: NDArray[np.generic] | None,
    rule: SplitRule,
    repetition: int,
) -> Split:
    """Split images with one class per pixel, as `make_split` does samples of one class.

    Args:
        pixel_counts: pixels of each class in each image (N, classes).
        groups: group of each image (N,), needed for "by_group".
        rule: "paper", at random; "by_group", the pixels of each class shared as far as groups
            allow.
        repetition: number of the repetition, from 0.

    Raises:
        UserError: no groups where they are needed, or a part would be empty.
    """
    if rule == "paper":
        split = _paper_split(np.zeros(len(pixel_counts), np.int64), repetition)
    else:
        split = _group_split(pixel_counts, _required(groups), repetition)
    return _filled(split, f"{len(pixel_counts)} images")


def _required(groups: NDArray[np.generic] | None) -> NDArray[np.generic]:
    if groups is None:
        raise UserError(
            "split: by_group needs groups, but the data has none; add an array 'groups' or use "
            "split: paper"
        )
    return groups


def _filled(split: Split, found: str) -> Split:
    """The split, if no part of it is empty."""
    for part, indices in zip(PARTS, (split.train, split.validation, split.test), strict=True):
        if not len(indices):
            raise UserError(
                f"the {part} part of the split is empty with {found}; give more samples or groups"
            )
    return split


def hold_out_validation(
    official_test: NDArray[np.bool_], groups: NDArray[np.generic] | None, repetition: int
) -> Split:
    """Keep an official test part, and hold about a tenth of the rest out for validation.

    Whole groups are held out where there are groups, such as the frames of a video, else single
    samples; another choice in each repetition.

    Args:
        official_test: which samples are in the test part (N,).
        groups: group of each sample (N,), or None.
        repetition: number of the repetition, from 0.

    Raises:
        UserError: the test part is empty, or the rest is a single group.
    """
    rest = np.flatnonzero(~official_test)
    units = np.arange(len(rest)) if groups is None else groups[rest]
    names, unit_of = np.unique(units, return_inverse=True)
    if official_test.sum() == 0 or len(names) < 2:
        raise UserError(
            f"the official split has {len(rest)} samples in {len(names)} groups for training and "
            f"{official_test.sum()} for testing, expected at least 2 groups and 1 sample; give "
            "more data"
        )
    order = np.random.default_rng([1000, repetition]).permutation(len(names))
    held = np.bincount(unit_of)[order].cumsum()
    # As many groups as come closest to the share, but never none and never all.
    count = 1 + int(np.abs(held[:-1] - VALIDATION_SHARE * len(rest)).argmin())
    validation = np.isin(unit_of, order[:count])
    return Split(rest[~validation], rest[validation], np.flatnonzero(official_test))


def _paper_split(labels: Indices, repetition: int) -> Split:
    train, validation, test = [], [], []
    for label in np.unique(labels):
        # What sklearn.utils.shuffle gives, which the released code calls.
        random = np.random.RandomState(1000 * repetition)
        indices = random.permutation(np.flatnonzero(labels == label))
        count = len(indices)
        # 0.7 + 0.1 is just below 0.8 in binary; the released code rounds this very expression down.
        first, second = int(0.7 * count), int(count * (0.7 + 0.1))
        train.append(indices[:first])
        validation.append(indices[first:second])
        test.append(indices[second:])
    return Split(*(np.sort(np.concatenate(part)) for part in (train, validation, test)))


def _group_split(
    counts_of: NDArray[np.int64],
    groups: NDArray[np.generic],
    repetition: int,
    candidates: int = 32,
) -> Split:
    """Assign whole groups so that each part's class counts come close to its share.

    Groups are dealt in a random order, each to the part where it lowers the squared deviation from
    the wanted counts most; the best of several orders is taken. Where no order fills all parts, as
    with a handful of groups that share few classes, the last groups go to parts that are empty.

    Args:
        counts_of: how much of each class each sample has, (N, classes).
        groups: group of each sample, (N,).
        repetition: number of the repetition.
        candidates: number of orders.
    """
    names, group_of = np.unique(groups, return_inverse=True)
    if len(names) < len(PARTS):
        raise UserError(
            f"split: by_group needs at least 3 groups, but the data has {len(names)}; use "
            "split: paper or finer groups"
        )
    counts = np.zeros((len(names), counts_of.shape[1]))
    np.add.at(counts, group_of, counts_of)
    # Relative to the class size, so that a rare class weighs as much as a common one.
    counts /= np.maximum(counts.sum(axis=0), 1)
    wanted = np.outer(SHARES, np.ones(counts.shape[1]))
    random = np.random.default_rng([1000, repetition])
    orders = [random.permutation(len(names)) for _ in range(candidates)]
    for fill in (False, True):
        best, best_deviation = None, np.inf
        for order in orders:
            assignment = _deal_groups(counts, wanted, order, fill)
            filled = np.stack([counts[assignment == part].sum(axis=0) for part in range(3)])
            deviation = float(((filled - wanted) ** 2).sum())
            if len(np.unique(assignment)) == len(PARTS) and deviation < best_deviation:
                best, best_deviation = assignment, deviation
        if best is not None:
            break
    assert best is not None  # there are as many groups as parts, and the second pass fills each
    part_of = best[group_of]
    return Split(*(np.flatnonzero(part_of == part) for part in range(3)))


def _deal_groups(
    counts: NDArray[np.float64], wanted: NDArray[np.float64], order: Indices, fill: bool
) -> Indices:
    """Part (0, 1, 2) of each group: greedily in `order` to where it fits best.

    With `fill`, groups go to empty parts alone once there are no more of them than of those.
    """
    assignment = np.zeros(len(counts), dtype=np.int64)
    missing = wanted.copy()
    empty = np.ones(len(wanted), dtype=bool)
    for dealt, group in enumerate(order):
        change = ((missing - counts[group]) ** 2 - missing**2).sum(axis=1)
        if fill and len(order) - dealt <= empty.sum():
            change[~empty] = np.inf
        part = int(change.argmin())
        assignment[group] = part
        missing[part] -= counts[group]
        empty[part] = False
    return assignment
