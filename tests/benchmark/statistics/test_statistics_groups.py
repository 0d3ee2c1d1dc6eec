"""The bootstrap over whole groups of test samples."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from benchmark.statistics import (
    bootstrap_differences,
    few_groups,
    percentile_interval,
    resampling,
    weighted_f1,
)

Classes = NDArray[np.int64]


def _clustered(
    seed: int, groups: int, members: int, shift: float = 0.0
) -> tuple[Classes, dict[str, Classes], Classes]:
    """Two networks on two classes, whose chance to be right is that of the group; and the groups.

    Classes are balanced and errors as likely in both, so F1 is accuracy, on average.
    """
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), members)
    targets = random.integers(0, 2, groups * members)
    predictions = {}
    for name, rate in (("student", 0.6), ("method", 0.6 + shift)):
        chance = random.beta(4 * rate, 4 * (1 - rate), groups)[group]
        right = random.random(len(targets)) < chance
        predictions[name] = np.where(right, targets, 1 - targets)
    return targets, predictions, group


def _width(found: NDArray[np.float64]) -> float:
    interval = percentile_interval([found])
    assert interval is not None
    return interval[1] - interval[0]


def test_groups_of_one_sample_are_samples() -> None:
    targets, predictions, _ = _clustered(0, 40, 5)
    places = np.random.default_rng(1).permutation(900)[:200]
    plain, grouped = (
        bootstrap_differences(
            targets, predictions, "student", 2, seed=4, resamples=50, **{name: (places, 900)}
        )
        for name in ("samples", "groups")
    )
    assert plain["method"].tolist() == grouped["method"].tolist()


def test_a_resample_has_each_sample_as_often_as_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    targets, predictions, group = _clustered(0, 12, 7)
    shuffled = np.random.default_rng(5).permutation(len(targets))[:60]  # unequal, in no order
    targets, group = targets[shuffled], group[shuffled] + 3  # of 20 groups, others have no sample
    predictions = {name: classes[shuffled] for name, classes in predictions.items()}
    found = bootstrap_differences(
        targets, predictions, "student", 2, seed=9, resamples=40, groups=(group, 20)
    )
    drawn = np.concatenate(list(resampling.draw_resamples(20, 40, 9)))
    counts = drawn[:, group].astype(np.float64)
    scores = {name: weighted_f1(targets, own, 2, counts) for name, own in predictions.items()}
    assert found["method"].tolist() == (scores["method"] - scores["student"]).tolist()
    monkeypatch.setattr(resampling, "EXACT", 0)  # in double precision
    again = bootstrap_differences(
        targets, predictions, "student", 2, seed=9, resamples=40, groups=(group, 20)
    )
    assert again["method"].tolist() == found["method"].tolist()


def test_repetitions_share_their_groups() -> None:
    targets, predictions, group = _clustered(0, 30, 10)
    one, other = (
        bootstrap_differences(
            targets[chosen],
            {name: classes[chosen] for name, classes in predictions.items()},
            "student",
            2,
            seed=1,
            resamples=30,
            groups=(group[chosen], 30),
        )
        for chosen in (np.arange(300), np.arange(300)[::-1])
    )
    assert one["method"].tolist() == other["method"].tolist()


def test_clustered_errors_make_the_interval_wider() -> None:
    widths = []
    for seed in range(10):
        targets, predictions, group = _clustered(seed, 40, 25)
        plain = bootstrap_differences(targets, predictions, "student", 2, seed=seed)
        grouped = bootstrap_differences(
            targets, predictions, "student", 2, seed=seed, groups=(group, 40)
        )
        widths.append(_width(grouped["method"]) / _width(plain["method"]))
    # Correlation within a group is 1 / 5 for such a beta distribution: 1 + 24 / 5 in variance.
    print(f"width with whole groups: {np.mean(widths):.2f} of that without")
    assert np.mean(widths) == pytest.approx(np.sqrt(1 + 24 / 5), abs=0.25)


def test_coverage_with_clustered_errors() -> None:
    trials, covered, covered_plain, truth = 300, 0, 0, 0.1
    for seed in range(trials):
        targets, predictions, group = _clustered(seed, 40, 15, shift=truth)
        for grouped in (True, False):
            found = bootstrap_differences(
                targets,
                predictions,
                "student",
                2,
                seed=seed,
                resamples=400,
                groups=(group, 40) if grouped else None,
            )
            interval = percentile_interval([found["method"]])
            assert interval is not None
            inside = interval[0] <= truth <= interval[1]
            covered += inside and grouped
            covered_plain += inside and not grouped
    print(f"coverage: {covered / trials:.3f} with groups, {covered_plain / trials:.3f} without")
    # The percentile interval of 40 groups is some 2 % short.
    low, high = binom.ppf([0.0005, 0.9995], trials, 0.935) / trials
    assert low <= covered / trials <= high
    assert covered_plain / trials < 0.8


def test_fewer_than_ten_groups_are_not_resampled() -> None:
    ten, three = np.arange(30) % 10, np.array([7, 7, 2, 9])
    assert few_groups([ten, ten]) is None
    assert few_groups([]) is None
    assert few_groups([np.arange(9)]) is not None
    reason = few_groups([ten, three])
    assert reason is not None
    assert reason.startswith("a test set has 3 groups of samples")
    assert "1 group of" in (few_groups([np.zeros(5)]) or "")


def test_groups_that_do_not_fit_are_refused() -> None:
    targets, predictions, group = _clustered(0, 4, 3)
    for changes, message in (
        ({"groups": (group, 3)}, "not among the 3"),
        ({"groups": (group - 1, 4)}, "not among the 4"),
        ({"groups": (group[:5], 4)}, "one place or group per target"),
        ({"groups": (group, 4), "samples": (np.arange(12), 12)}, "not both"),
    ):
        with pytest.raises(ValueError, match=message):
            bootstrap_differences(targets, predictions, "student", 2, seed=0, **changes)  # type: ignore[arg-type]
