"""The simulation of equal methods: what it prints, and that its splits really overlap."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from benchmark.simulation.__main__ import main
from benchmark.simulation.equal_methods import (
    DataSet,
    add_seed_noise,
    draw_scores,
    draw_tables,
)
from benchmark.simulation.rates import correlation, find_rates

RATIO = 0.2 / 0.7


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    return draw_tables(seed=5, tables=60, methods=12, repetitions=10)


def test_the_command_prints_a_row_for_each_condition(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tables", "2", "--seed", "3"])
    first = capsys.readouterr().out
    main(["--tables", "2", "--seed", "3"])
    assert capsys.readouterr().out == first
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in first.splitlines()[2:10]]
    assert [row[:2] for row in rows] == [
        [condition, str(n)]
        for condition in ("splits alone", "half seed noise")
        for n in (3, 5, 10, 20)
    ]
    for row in rows:
        assert all(cell.endswith(" %") for cell in row[3:])
    assert "2 tables of 11 methods and a baseline, seed 3" in first
    assert "a correlation of 0.22" in first
    main(["--tables", "2", "--seed", "4"])
    assert capsys.readouterr().out.splitlines()[2:10] != first.splitlines()[2:10]


def test_no_table_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--tables", "0"], ["--seed", "-1"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "at least one table" in capsys.readouterr().err


def test_a_table_does_not_depend_on_how_many_there_are() -> None:
    one, two = (draw_tables(1, tables, 3, 2) for tables in (1, 2))
    assert (one[0] == two[0]).all()
    assert not (two[0] == two[1]).all()


def test_classifiers_learn_and_none_is_better(scores: np.ndarray) -> None:
    assert ((scores.mean(axis=(0, 2, 3)) > 0.65) & (scores.mean(axis=(0, 2, 3)) < 0.85)).all()
    # Means over one data set are independent between data sets.
    means = (scores[:, :, 1:] - scores[:, :, :1]).mean(axis=3)
    p_values = ttest_1samp(means.reshape(-1, 11), 0).pvalue
    assert p_values.min() > 0.05 / 11 / 10


def test_repetitions_of_a_data_set_are_correlated_by_their_splits(scores: np.ndarray) -> None:
    found = correlation(scores)
    print(f"correlation of differences: {found:.3f}")
    # Two test sets share a fifth of their samples.
    assert 0.1 < found < 0.25
    noisy = add_seed_noise(5, scores)
    assert correlation(noisy) == pytest.approx(found / 2, abs=0.04)
    within = [
        (each[:, :, 1:] - each[:, :, :1]).var(axis=3, ddof=1).mean() for each in (scores, noisy)
    ]
    assert within[1] / within[0] == pytest.approx(2, abs=0.15)


def test_a_repetition_is_scored_on_samples_it_was_not_trained_on() -> None:
    # Classes that cannot be told apart: only training samples would be classified above chance.
    alike = DataSet(samples=60, classes=2, distance=0.0)
    drawn = [draw_scores(np.random.default_rng(seed), alike, 4, 5) for seed in range(100)]
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.02)
    assert set(np.unique(np.round(np.array(drawn) * 12)) % 1) == {0.0}  # of 12 test samples


def test_the_corrected_test_marks_less_and_covers_more(scores: np.ndarray) -> None:
    rates = find_rates(scores, RATIO)
    assert rates.tables == 60
    assert rates.marked > 0.25 > 0.1 > rates.marked_corrected
    assert rates.covered < 0.85 < 0.94 < rates.covered_corrected < 0.99


def test_rates_count_tables_and_comparisons() -> None:
    noise = np.array([-1.0, 0.0, 1.0, 2.0])
    table = np.zeros((2, 1, 3, 4))
    table[0, 0, 1] = 100 + noise  # marked by both tests; neither interval holds 0
    table[0, 0, 2] = noise - 0.5
    table[1, 0, 1] = 2.1 + noise * 0.9  # t = 4.9, and 3.3 corrected: p = 0.016, 0.09
    rates = find_rates(table, RATIO)
    assert (rates.marked, rates.marked_corrected) == (1.0, 0.5)
    assert (rates.covered, rates.covered_corrected) == (0.5, 0.75)
