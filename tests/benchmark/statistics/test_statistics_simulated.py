"""Error rates on simulated tables where the truth is known. Bands have 99.9 % of the binomial."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from benchmark.statistics import PairedComparison, holm, paired_comparison

SEEDS, METHODS, COLUMNS, TABLES = 5, 12, 3, 1000


def _band(trials: int, rate: float) -> tuple[float, float]:
    low, high = binom.ppf([0.0005, 0.9995], trials, rate)
    return low / trials, high / trials


def _compare(values: NDArray[np.float64], baseline: NDArray[np.float64]) -> PairedComparison:
    result = paired_comparison(dict(enumerate(values.tolist())), dict(enumerate(baseline.tolist())))
    assert result is not None
    return result


def _rejected(table: NDArray[np.float64], baselines: NDArray[np.float64]) -> list[bool]:
    """Comparisons of a table (methods, columns, seeds) that Holm rejects at 5 %, in order."""
    family = {
        place: _compare(table[place], baselines[place]).t_p_value
        for place in np.ndindex(table.shape[:2])
    }
    return [value is not None and value <= 0.05 for value in holm(family).values()]


@pytest.mark.parametrize("shared_baseline", [False, True])
def test_without_differences_five_percent_of_tables_have_a_rejection(
    shared_baseline: bool,
) -> None:
    random = np.random.default_rng(2024)
    shape = (METHODS, COLUMNS, SEEDS)
    found = 0
    for _ in range(TABLES):
        # What a seed does to all methods alike must not matter: it is five times the noise.
        level = 0.7 + 0.05 * random.normal(size=shape[1:])
        table = level + 0.01 * random.normal(size=shape)
        noise = 0.01 * random.normal(size=shape[1:] if shared_baseline else shape)
        found += any(_rejected(table, np.broadcast_to(level + noise, shape)))
    share = found / TABLES
    print(f"tables with a false rejection, shared baseline {shared_baseline}: {share:.3f}")
    # Independent tests: 1 - (1 - 0.05 / 36)^36. One STUDENT for all makes them dependent, and
    # Bonferroni's inequality says only that the rate is no higher.
    low, high = _band(TABLES, 1 - (1 - 0.05 / (METHODS * COLUMNS)) ** (METHODS * COLUMNS))
    assert share <= high
    assert shared_baseline or share >= low


def test_a_known_difference_is_found_and_others_are_not() -> None:
    random = np.random.default_rng(7)
    tables, shape = 200, (METHODS, COLUMNS, SEEDS)
    found, false = 0, 0
    for _ in range(tables):
        baselines = np.broadcast_to(0.7 + 0.05 * random.normal(size=shape[1:]), shape)
        table = baselines + 0.01 * random.normal(size=shape)
        table[4, 1] += 0.1  # ten standard deviations of a difference; 3.5 can be detected
        rejected = _rejected(table, baselines)
        found += rejected.pop(4 * COLUMNS + 1)
        false += any(rejected)
    print(f"found: {found / tables:.3f}, with a false rejection beside it: {false / tables:.3f}")
    assert found / tables > 0.95
    assert false / tables <= _band(tables, 0.05)[1]


@pytest.mark.parametrize("n", [3, 5, 10])
def test_interval_and_effect_size_are_right_on_average(n: int) -> None:
    random = np.random.default_rng(n)
    trials, truth, deviation = 4000, 0.02, 0.01
    covered, sizes = 0, []
    for _ in range(trials):
        level = 0.7 + 0.05 * random.normal(size=n)
        result = _compare(level + truth + deviation * random.normal(size=n), level)
        assert result.interval is not None
        assert result.effect_size is not None
        covered += result.interval[0] <= truth <= result.interval[1]
        sizes.append(result.effect_size)
    print(f"n = {n}: coverage {covered / trials:.4f}, mean effect {np.mean(sizes):.3f}")
    low, high = _band(trials, 0.95)
    assert low <= covered / trials <= high
    if n > 3:  # with 2 degrees of freedom the effect size has no finite variance
        error = np.std(sizes) / np.sqrt(trials)
        assert np.mean(sizes) == pytest.approx(truth / deviation, abs=4 * error)


def test_the_sign_flip_test_keeps_its_level_where_differences_are_not_normal() -> None:
    random = np.random.default_rng(1)
    trials, n = 4000, 6
    differences = 0.01 * random.standard_t(1.5, size=(trials, n))
    rejected = sum(
        (_compare(row, np.zeros(n)).sign_flip_p_value or 1) <= 0.05 for row in differences
    )
    low, high = _band(trials, 2.0 ** (1 - n))  # the only p-value below 0.05
    assert low <= rejected / trials <= high
