"""Paired comparisons, Holm's families and warnings against other software and numbers by hand."""

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmark.statistics import (
    PairedComparison,
    holm,
    paired_comparison,
    seed_warnings,
    smallest_detectable_effect,
)

Scores = dict[int, float]


def _compare(values: Scores, baseline: Scores) -> PairedComparison:
    result = paired_comparison(values, baseline)
    assert result is not None
    for field in fields(result):
        numbers = getattr(result, field.name)
        for number in numbers if isinstance(numbers, tuple) else (numbers,):
            assert number is None or math.isfinite(number), field.name
    return result


def _random_scores(n: int, seed: int) -> tuple[Scores, Scores]:
    random = np.random.default_rng(seed)
    values, baseline = random.uniform(0.5, 0.9, (2, n)).tolist()
    return dict(enumerate(values)), dict(enumerate(baseline))


def test_numbers_by_hand() -> None:
    result = _compare({0: 0.62, 1: 0.65, 2: 0.68}, {0: 0.61, 1: 0.63, 2: 0.65})
    assert (result.n, result.smallest_sign_flip_p_value) == (3, 0.25)
    assert result.difference == pytest.approx(0.02)  # differences 0.01, 0.02, 0.03
    assert result.deviation == pytest.approx(0.01)
    # 4.302653 is the tabulated t quantile for 2 degrees of freedom.
    assert result.interval == pytest.approx((-0.0048414, 0.0448414), abs=1e-7)
    # With 2 degrees of freedom p = 1 - t / sqrt(t^2 + 2), here t = 2 sqrt(3).
    assert result.t_p_value == pytest.approx(1 - math.sqrt(12 / 14))
    assert result.sign_flip_p_value == 0.25
    # c(2) = gamma(1) / gamma(1/2) = 1 / sqrt(pi)
    assert result.effect_size == pytest.approx(2 / math.sqrt(math.pi))


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_t_test_equals_that_of_scipy(n: int) -> None:
    values, baseline = _random_scores(n, seed=n)
    result = _compare(values, baseline)
    expected = stats.ttest_rel(list(values.values()), list(baseline.values()))
    assert result.t_p_value == pytest.approx(expected.pvalue)
    assert result.interval == pytest.approx(tuple(expected.confidence_interval()))
    wide = paired_comparison(values, baseline, confidence=0.99)
    assert wide is not None
    assert wide.interval == pytest.approx(tuple(expected.confidence_interval(0.99)))


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_exact_sign_flip_test_equals_that_of_scipy(n: int) -> None:
    values, baseline = _random_scores(n, seed=10 + n)
    differences = np.array([values[key] - baseline[key] for key in values])
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", vectorized=True, n_resamples=np.inf
    )
    assert _compare(values, baseline).sign_flip_p_value == pytest.approx(expected.pvalue)


def test_no_distribution_free_test_rejects_with_five_repetitions_but_the_t_test_can() -> None:
    baseline = dict.fromkeys(range(5), 0.5)
    result = _compare({0: 0.90, 1: 0.91, 2: 0.92, 3: 0.93, 4: 0.94}, baseline)
    assert result.sign_flip_p_value == result.smallest_sign_flip_p_value == 0.0625
    assert result.t_p_value is not None
    assert result.t_p_value < 1e-5


def test_ties_count_as_extreme_whatever_the_rounding() -> None:
    # Differences 0.1, 0.1, -0.1 as a computer has them: no two are equal. All 8 sums are at least
    # 0.1 in size.
    result = _compare({0: 0.7, 1: 0.8, 2: 0.3}, {0: 0.6, 1: 0.7, 2: 0.4})
    assert result.sign_flip_p_value == 1
    # Differences 0.1, 0.2, 0: the zero doubles every sum, so 4 of 8 reach 0.3.
    assert _compare({0: 0.7, 1: 0.9, 2: 0.3}, {0: 0.6, 1: 0.7, 2: 0.3}).sign_flip_p_value == 0.5


def test_many_repetitions_are_sampled_reproducibly() -> None:
    values, baseline = _random_scores(21, seed=3)
    shifted = {key: value + 0.04 for key, value in values.items()}
    result = _compare(shifted, baseline)
    assert result == _compare(shifted, baseline)
    assert result.smallest_sign_flip_p_value == 2e-5
    # The exact p-value by enumerating all 2^21 patterns.
    sums = np.zeros(1)
    for key in baseline:
        difference = shifted[key] - baseline[key]
        sums = np.concatenate((sums + difference, sums - difference))
    exact = np.mean(np.abs(sums) >= abs(sums[0]) - 1e-9)
    assert result.sign_flip_p_value == pytest.approx(exact, abs=4 * math.sqrt(exact / 99_999))
    extreme = _compare({key: 0.9 + 0.001 * key for key in range(21)}, dict.fromkeys(range(21), 0.5))
    assert extreme.sign_flip_p_value == 2e-5


def test_one_repetition_has_a_difference_and_nothing_else() -> None:
    assert _compare({0: 0.75}, {0: 0.5}) == PairedComparison(n=1, difference=0.25)


def test_two_repetitions_have_no_effect_size() -> None:
    result = _compare({0: 0.7, 1: 0.8}, {0: 0.5, 1: 0.5})
    assert result.effect_size is None
    assert result.t_p_value is not None


def test_only_shared_repetitions_count() -> None:
    values, baseline = _random_scores(6, seed=1)
    kept = {key: values[key] for key in (5, 0, 2)}
    others = {key: baseline[key] for key in (2, 3, 4, 5)} | {9: 0.1}
    shared = {key: values[key] for key in (2, 5)}
    assert _compare(kept, others) == _compare(shared, {key: baseline[key] for key in (2, 5)})
    assert paired_comparison({0: 0.5}, {1: 0.5}) is None
    assert paired_comparison({}, {}) is None


def test_equal_scores_are_no_evidence() -> None:
    scores = _random_scores(5, seed=2)[0]
    result = _compare(scores, scores)
    assert result == PairedComparison(5, 0.0, 0.0, None, 1.0, 1.0, 0.0625, None)
    # The same scores summed in another order.
    noisy = {key: value * (1 + 2e-16 * (key % 2)) for key, value in scores.items()}
    assert _compare(noisy, scores).t_p_value == 1


def test_a_constant_difference_has_no_t_test() -> None:
    baseline = _random_scores(5, seed=2)[0]
    result = _compare({key: value + 0.1 for key, value in baseline.items()}, baseline)
    assert result.difference == pytest.approx(0.1)
    assert (result.deviation, result.interval, result.effect_size) == (0.0, None, None)
    assert (result.t_p_value, result.sign_flip_p_value) == (None, 0.0625)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_scores_must_be_finite(broken: float) -> None:
    for values, baseline in (({0: broken}, {0: 0.5}), ({0: 0.5}, {0: 0.5, 1: broken})):
        with pytest.raises(ValueError, match="NaN or infinite"):
            paired_comparison(values, baseline)
    with pytest.raises(ValueError, match="confidence"):
        paired_comparison({0: 0.5}, {0: 0.5}, confidence=95)


def test_holm_by_hand_and_as_statsmodels() -> None:
    family = {"a": 0.04, "b": None, "c": 0.01, "d": 0.03}
    corrected = holm(family)
    # 3 * 0.01; 2 * 0.03; 1 * 0.04, raised to the one before it
    assert corrected == {"a": pytest.approx(0.06), "b": None, "c": 0.03, "d": 0.06}
    assert list(corrected) == list(family)
    for size in (1, 2, 20, 500):  # to the last bit, ties and values that reach 1 among them
        drawn = np.random.default_rng(size).uniform(0, 0.1, size).round(3)
        expected = multipletests(drawn, method="holm")[1]
        assert list(holm(dict(enumerate(drawn.tolist()))).values()) == expected.tolist()


def test_holm_without_tests_and_with_nonsense() -> None:
    assert holm({}) == {}
    assert holm({"a": None}) == {"a": None}
    for value in (math.nan, -0.1, 1.1):
        with pytest.raises(ValueError, match="p-value"):
            holm({"a": value})


def test_smallest_detectable_effect_is_where_holm_starts_to_reject() -> None:
    n, comparisons = 5, 36
    effect = smallest_detectable_effect(n, comparisons)
    assert effect == pytest.approx(stats.t.isf(0.05 / 72, 4) / math.sqrt(5))
    noise = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
    noise /= noise.std(ddof=1)
    corrected = []
    for factor in (0.999, 1.001):
        scores = dict(enumerate(noise + factor * effect))
        p_value = _compare(scores, dict.fromkeys(range(n), 0.0)).t_p_value
        family: dict[int, float | None] = {0: p_value} | dict.fromkeys(range(1, comparisons), 1.0)
        corrected.append(holm(family)[0])
    assert corrected[0] > 0.05 > corrected[1]
    # A true difference of this size is found a little more often than not.
    assert 0.5 < stats.nct.sf(effect * math.sqrt(n), n - 1, effect * math.sqrt(n)) < 0.65


def test_smallest_detectable_effect_needs_two_repetitions() -> None:
    assert smallest_detectable_effect(0, 1) is None
    assert smallest_detectable_effect(1, 1) is None
    assert smallest_detectable_effect(2, 1) == pytest.approx(12.7062 / math.sqrt(2), abs=1e-4)
    for n, comparisons, alpha in ((-1, 1, 0.05), (5, 0, 0.05), (5, 1, 0.0), (5, 1, 1.0)):
        with pytest.raises(ValueError, match="expected"):
            smallest_detectable_effect(n, comparisons, alpha)


@pytest.mark.parametrize(
    ("n", "comparisons", "facts"),
    [
        (5, 0, []),
        (0, 36, ["no test and no interval"]),
        (1, 36, ["no test and no interval"]),
        (3, 36, ["at least 15.5 standard deviations", "below p = 0.25 with 3 repetitions."]),
        (5, 36, ["at least 3.5 standard deviations", "below p = 0.0625 with 5 repetitions."]),
        (6, 36, ["2.6 standard deviations", "0.0312 with 6 repetitions, too much after Holm's"]),
        (6, 1, ["With 6 repetitions and 1 comparison, only a mean difference of at least 1.0 "]),
        (12, 36, ["1.2 standard deviations"]),
    ],
)
def test_warnings_name_what_the_seeds_cannot_support(
    n: int, comparisons: int, facts: list[str]
) -> None:
    sentences = seed_warnings(n, comparisons)
    assert len(sentences) == len(facts)
    for sentence, fact in zip(sentences, facts, strict=True):
        assert fact in sentence
