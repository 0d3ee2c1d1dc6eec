"""Means, deviations and the arrow rule; and what importing them costs."""

import subprocess
import sys

import numpy as np
import pytest

from benchmark.statistics import Arrow, compare, mean, standard_deviation


def test_mean_and_sample_deviation() -> None:
    values = {0: 0.5, 1: 0.7, 2: 0.9}
    assert mean(values) == pytest.approx(0.7)
    assert standard_deviation(values) == pytest.approx(np.std([0.5, 0.7, 0.9], ddof=1))


def test_one_value_has_no_deviation_and_none_has_no_mean() -> None:
    assert standard_deviation({0: 0.5}) is None
    assert mean({}) is None


@pytest.mark.parametrize(
    ("method", "student", "arrow"),
    [
        ({0: 0.6}, {0: 0.5}, Arrow.UP),
        ({0: 0.4}, {0: 0.5}, Arrow.DOWN),
        ({0: 0.5}, {0: 0.5}, Arrow.EQUAL),
        ({0: 0.501}, {0: 0.5009}, Arrow.UP),  # equal when printed with two digits
        ({0: 0.9, 1: 0.4}, {1: 0.5, 2: 0.1}, Arrow.DOWN),  # shared repetitions alone
        ({0: 0.5}, {1: 0.5}, None),
        ({}, {1: 0.5}, None),
    ],
)
def test_arrow(method: dict[int, float], student: dict[int, float], arrow: Arrow | None) -> None:
    assert compare(method, student) == arrow


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = (
        "import sys, benchmark.statistics\n"
        "print(*{'scipy', 'statsmodels', 'pandas', 'seaborn', 'matplotlib'} & {*sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == ""
