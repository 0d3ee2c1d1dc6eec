"""The paper's split rule, and the split by group."""

import itertools

import numpy as np
import pytest
from sklearn.utils import shuffle

from core.errors import UserError
from datasets.splits import Split, hold_out_validation, make_split, make_split_of_images


def _parts(split: Split) -> list[np.ndarray]:
    return [split.train, split.validation, split.test]


def test_paper_split_takes_the_released_shares_of_each_shuffled_class() -> None:
    labels = np.array([0] * 10 + [1] * 31)
    split = make_split(labels, None, "paper", repetition=2)
    expected: list[list[int]] = [[], [], []]
    for label in (0, 1):
        indices = shuffle(np.flatnonzero(labels == label), random_state=2000)
        first, second = int(0.7 * len(indices)), int(len(indices) * (0.7 + 0.1))
        for part, chosen in zip(expected, np.split(indices, [first, second]), strict=True):
            part.extend(chosen.tolist())
    assert [part.tolist() for part in _parts(split)] == [sorted(part) for part in expected]


@pytest.mark.parametrize("rule", ["paper", "by_group"])
def test_parts_are_disjoint_complete_and_differ_between_repetitions(rule: str) -> None:
    labels = np.repeat(np.arange(4), 50)
    groups = np.arange(200) % 23
    splits = [make_split(labels, groups, rule, repetition) for repetition in range(3)]  # type: ignore[arg-type]
    for split in splits:
        joined = np.concatenate(_parts(split))
        assert sorted(joined.tolist()) == list(range(200))
    assert len({tuple(split.test.tolist()) for split in splits}) == 3


def test_groups_stay_together_and_classes_keep_their_shares() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat([f"block{i}" for i in range(60)], 20)
    labels = np.repeat(random.integers(0, 3, 60), 20)
    split = make_split(labels, groups, "by_group", 0)
    names = [set(groups[part].tolist()) for part in _parts(split)]
    assert sum(map(len, names)) == len(set.union(*names)) == 60
    for label in range(3):
        total = (labels == label).sum()
        shares = [(labels[part] == label).sum() / total for part in _parts(split)]
        assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.06)


@pytest.mark.parametrize(
    ("groups", "message"),
    [(None, "needs groups"), (np.arange(30) % 2, "at least 3 groups")],
)
def test_impossible_group_splits_say_what_to_do(groups: np.ndarray | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_split(np.repeat([0, 1], 15), groups, "by_group", 0)


def test_too_few_samples_for_a_validation_part() -> None:
    with pytest.raises(UserError, match="validation part of the split is empty"):
        make_split(np.repeat([0, 1], 3), None, "paper", 0)


def test_an_official_test_part_is_kept_and_a_tenth_of_the_rest_validates() -> None:
    official = np.arange(200) % 4 == 0
    seen = []
    for repetition in range(3):
        split = hold_out_validation(official, None, repetition)
        assert np.array_equal(split.test, np.flatnonzero(official))
        assert len(split.validation) == 15
        together = np.concatenate([split.train, split.validation])
        assert np.array_equal(np.sort(together), np.flatnonzero(~official))
        seen.append(set(split.validation.tolist()))
    assert seen[0] != seen[1] != seen[2]


def test_validation_takes_whole_groups_at_least_one_and_not_all() -> None:
    groups = np.repeat(np.arange(3), [10, 80, 10])
    for repetition in range(8):
        split = hold_out_validation(groups == 0, groups, repetition)
        assert len(split.validation) in (10, 80)
        assert len(split.train) == 90 - len(split.validation)
    with pytest.raises(UserError, match="90 samples in 1 groups for training and 10 for testing"):
        hold_out_validation(groups == 0, np.minimum(groups, 1), 0)


def test_images_with_a_class_per_pixel_are_split_at_random() -> None:
    counts = np.random.default_rng(0).integers(0, 99, (100, 4))
    first, again, other = (make_split_of_images(counts, None, "paper", i) for i in (0, 0, 1))
    assert [len(part) for part in _parts(first)] == [70, 10, 20]
    assert sorted(np.concatenate(_parts(first)).tolist()) == list(range(100))
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_groups_of_images_share_the_pixels_of_each_class() -> None:
    random = np.random.default_rng(0)
    groups = np.arange(300) % 60
    counts = random.integers(0, 99, (300, 3)) * (1 + random.random((60, 3)))[groups].astype(int)
    split = make_split_of_images(counts, groups, "by_group", 0)
    for one, other in itertools.combinations(_parts(split), 2):
        assert not set(groups[one]) & set(groups[other])
    shares = [counts[part].sum(axis=0) / counts.sum(axis=0) for part in _parts(split)]
    for share, wanted in zip(shares, (0.7, 0.1, 0.2), strict=True):
        assert share == pytest.approx([wanted] * 3, abs=0.03)


def test_a_handful_of_groups_that_share_no_class_still_fill_all_parts() -> None:
    groups = np.repeat(np.arange(4), 5)
    counts = np.eye(4, dtype=np.int64)[groups]
    split = make_split_of_images(counts, groups, "by_group", 0)
    assert all(len(part) for part in _parts(split))
