"""Bootstrap over test samples: scores as scikit-learn's, pairing, reproducibility, intervals."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.metrics import f1_score

from benchmark.statistics import bootstrap_differences, percentile_interval, resampling, weighted_f1

CLASSES = 4
Classes = NDArray[np.int64]


def _predict(random: np.random.Generator, targets: Classes, accuracy: float) -> Classes:
    guesses = random.integers(0, CLASSES, len(targets))
    return np.where(random.random(len(targets)) < accuracy, targets, guesses)


def _test_set(seed: int, samples: int = 300) -> tuple[Classes, dict[str, Classes]]:
    random = np.random.default_rng(seed)
    targets = random.integers(0, CLASSES, samples)
    accuracies = {"student": 0.5, "better": 0.7, "alike": 0.5}
    return targets, {name: _predict(random, targets, rate) for name, rate in accuracies.items()}


def test_weighted_f1_equals_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    # Few samples of rare classes: resamples lack classes among targets, predictions, or both.
    targets = random.choice(CLASSES, 12, p=[0.6, 0.3, 0.05, 0.05])
    predicted = random.choice(CLASSES, 12, p=[0.5, 0.1, 0.2, 0.2])
    counts = random.multinomial(12, np.full(12, 1 / 12), size=200).astype(np.float64)
    scores = weighted_f1(targets, predicted, CLASSES, counts)
    for score, count in zip(scores, counts.astype(int), strict=True):
        expected = f1_score(
            np.repeat(targets, count),
            np.repeat(predicted, count),
            average="weighted",
            zero_division=0,
        )
        assert score == pytest.approx(expected)
    assert weighted_f1(targets, predicted, CLASSES, np.zeros((1, 12))) == 0


def test_differences_are_those_of_scores_on_the_same_resamples() -> None:
    targets, predictions = _test_set(0)
    found = bootstrap_differences(targets, predictions, "student", CLASSES, seed=5, resamples=50)
    assert set(found) == {"better", "alike"}
    assert found["better"].shape == (50,)
    assert (found["better"] > 0).all()
    # A copy of the baseline never differs from it: both are in each resample alike.
    copies = {"student": predictions["student"], "copy": predictions["student"]}
    same = bootstrap_differences(targets, copies, "student", CLASSES, seed=5, resamples=50)
    assert not same["copy"].any()


def test_resamples_depend_on_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    targets, predictions = _test_set(0)

    def draw(seed: int) -> list[float]:
        found = bootstrap_differences(
            targets, predictions, "student", CLASSES, seed=seed, resamples=30
        )
        return found["better"].tolist()

    whole = draw(1)
    assert draw(2) != whole
    monkeypatch.setattr(resampling, "CHUNK", 7 * len(targets))  # 7, 7, 7, 7, 2 resamples
    assert draw(1) == whole


def test_the_interval_covers_the_truth_at_its_rate() -> None:
    # Accuracies 0.5 + 0.5 / 4 and 0.7 + 0.3 / 4 over balanced classes: F1 equals accuracy.
    truth, trials, covered = 0.775 - 0.625, 300, 0
    for trial in range(trials):
        targets, predictions = _test_set(trial, samples=250)
        found = bootstrap_differences(
            targets, predictions, "student", CLASSES, seed=trial, resamples=400
        )
        interval = percentile_interval([found["better"]])
        assert interval is not None
        covered += interval[0] <= truth <= interval[1]
    print(f"coverage of the bootstrap interval: {covered / trials:.3f}")
    low, high = binom.ppf([0.0005, 0.9995], trials, 0.95) / trials
    assert low <= covered / trials <= high


def test_repetitions_that_share_test_samples_share_their_resamples() -> None:
    targets, predictions = _test_set(0)
    random = np.random.default_rng(0)
    order = random.permutation(len(targets))
    repetitions = []
    for places in (np.arange(len(targets)), order):  # one test set twice, in another order
        found = bootstrap_differences(
            targets[places],
            {name: classes[places] for name, classes in predictions.items()},
            "student",
            CLASSES,
            seed=3,
            samples=(places + 100, 1000),
        )
        repetitions.append(found["better"])
    assert repetitions[0] == pytest.approx(repetitions[1])
    both, one = percentile_interval(repetitions), percentile_interval(repetitions[:1])
    assert both == pytest.approx(one)  # the second repetition brought no new test sample


def test_overlapping_test_sets_make_the_interval_wider() -> None:
    # Five test sets, each 20 % of 1,000 samples, and networks that err on the same samples in all
    # repetitions. Two test sets share a fifth, so the variance is 1 + 4 / 5 times the independent.
    targets, predictions = _test_set(0, samples=1000)
    widths: dict[bool, list[float]] = {True: [], False: []}
    for trial in range(20):
        random = np.random.default_rng(trial)
        test_sets = [random.permutation(1000)[:200] for _ in range(5)]
        for together, found in widths.items():
            interval = percentile_interval(
                [
                    bootstrap_differences(
                        targets[places],
                        {name: classes[places] for name, classes in predictions.items()},
                        "student",
                        CLASSES,
                        seed=trial if together else 5 * trial + number,
                        resamples=300,
                        samples=(places, 1000) if together else None,
                    )["better"]
                    for number, places in enumerate(test_sets)
                ]
            )
            assert interval is not None
            found.append(interval[1] - interval[0])
    ratio = np.mean(widths[True]) / np.mean(widths[False])
    print(f"width with shared resamples: {ratio:.2f} of that without")
    assert ratio == pytest.approx(np.sqrt(1.8), abs=0.12)


def test_the_interval_leaves_out_as_much_on_either_side() -> None:
    even = np.arange(1001) / 1000
    assert percentile_interval([even]) == pytest.approx((0.025, 0.975))
    assert percentile_interval([even, even + 2], confidence=0.9) == pytest.approx((1.05, 1.95))


def test_independent_repetitions_narrow_the_interval() -> None:
    targets, predictions = _test_set(0)
    repetitions = [
        bootstrap_differences(targets, predictions, "student", CLASSES, seed=seed)["better"]
        for seed in range(4)
    ]
    assert repetitions[0].shape == (1000,)
    (low, high), (first, last) = map(percentile_interval, (repetitions, repetitions[:1]))
    assert (high - low) / (last - first) == pytest.approx(0.5, abs=0.1)
    assert percentile_interval([]) is None


def test_a_resample_may_miss_the_test_set() -> None:
    one = np.array([1])
    found = bootstrap_differences(
        one, {"a": one, "b": one - 1}, "a", 2, seed=0, resamples=200, samples=(np.array([7]), 50)
    )
    assert set(found["b"].tolist()) == {-1.0, 0.0}


def test_what_does_not_fit_is_refused() -> None:
    targets, predictions = _test_set(0, samples=10)
    numbers = np.arange(10)

    def attempt(**changes: object) -> None:
        arguments: dict[str, object] = {
            "targets": targets,
            "predictions": predictions,
            "baseline": "student",
            "num_classes": CLASSES,
            "seed": 0,
        }
        bootstrap_differences(**(arguments | changes))  # type: ignore[arg-type]

    for changes, message in (
        ({"targets": numbers[:0]}, "targets have shape"),
        ({"num_classes": 2}, "a class is not in"),
        ({"predictions": {"student": targets[:5]}}, "predictions for"),
        ({"baseline": "teacher"}, "the baseline"),
        ({"resamples": 0}, "one resample"),
        ({"samples": (numbers, 9)}, "not among the 9"),
        ({"samples": (numbers // 2, 10)}, "none repeated"),
    ):
        with pytest.raises(ValueError, match=message):
            attempt(**changes)
    with pytest.raises(ValueError, match="confidence"):
        percentile_interval([np.zeros(3)], confidence=95)
    with pytest.raises(ValueError, match="same shape"):
        percentile_interval([np.zeros(3), np.zeros(4)])
