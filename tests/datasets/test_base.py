"""What a data set says of itself."""

import numpy as np

from datasets import Dataset, Split, make_split


def test_given_splits_serve_the_papers_rule_alone() -> None:
    images = np.zeros((40, 1, 4, 4), np.uint8)
    labels, groups = np.repeat([0, 1], 20), np.arange(40) // 4
    given = Split(np.arange(30), np.arange(30, 35), np.arange(35, 40))
    dataset = Dataset(
        "mine", {"A": images}, labels, ("a", "b"), "", groups, given_splits={1: given}
    )
    assert dataset.split("paper", 1) is given
    for rule, repetition in (("paper", 0), ("by_group", 1)):
        made = make_split(labels, groups, rule, repetition)  # type: ignore[arg-type]
        assert dataset.split(rule, repetition).test.tolist() == made.test.tolist()  # type: ignore[arg-type]
