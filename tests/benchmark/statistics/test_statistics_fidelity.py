"""Fidelity and calibration equal their definitions, written out sample by sample."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.statistics.fidelity import (
    expected_calibration_error,
    negative_log_likelihood,
    teacher_agreement,
    teacher_divergence,
)

RANDOM = np.random.default_rng(2)
LOGITS = RANDOM.normal(0, 2, (200, 4))
TEACHER = RANDOM.normal(0, 2, (200, 4))
TARGETS = RANDOM.integers(0, 4, 200)


def _probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_fidelity() -> None:
    p, q = _probabilities(LOGITS), _probabilities(TEACHER)
    same = sum(np.argmax(a) == np.argmax(b) for a, b in zip(LOGITS, TEACHER, strict=True))
    assert teacher_agreement(LOGITS, TEACHER) == pytest.approx(same / 200)
    divergences = [sum(b * np.log(b / a)) for a, b in zip(p, q, strict=True)]
    assert teacher_divergence(LOGITS, TEACHER) == pytest.approx(np.mean(divergences))
    assert teacher_divergence(TEACHER, TEACHER) == pytest.approx(0, abs=1e-12)


def test_negative_log_likelihood() -> None:
    hit = [p[y] for p, y in zip(_probabilities(LOGITS), TARGETS, strict=True)]
    assert negative_log_likelihood(LOGITS, TARGETS) == pytest.approx(-np.log(hit).mean())


def test_calibration_error_over_fifteen_bins() -> None:
    p = _probabilities(LOGITS)
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == TARGETS
    expected = 0.0
    for low in range(15):
        inside = (confidence > low / 15) & (confidence <= (low + 1) / 15)
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            expected += inside.sum() / 200 * gap
    assert expected > 0.05
    assert expected_calibration_error(LOGITS, TARGETS) == pytest.approx(expected)


@pytest.mark.parametrize("right", [0, 1, 2])
def test_a_network_is_calibrated_where_it_is_right_as_often_as_it_is_sure(right: int) -> None:
    logits = np.zeros((2, 2))  # confidence 1/2, class 0
    targets = np.array([0] * right + [1] * (2 - right))
    assert expected_calibration_error(logits, targets) == pytest.approx(abs(right / 2 - 0.5))


def test_a_bin_holds_its_upper_end() -> None:
    """Confidences of 3/5 and of a little less are both in the ninth bin, where their gaps add."""
    logits = np.log([[0.6, 0.4], [0.59, 0.41]])
    assert expected_calibration_error(logits, np.array([0, 1])) == pytest.approx(0.095)


def test_float16_logits_are_good_for_three_digits() -> None:
    stored = (LOGITS - LOGITS.max(axis=1, keepdims=True)).astype(np.float16)
    for measure, other in (
        (negative_log_likelihood, TARGETS),
        (expected_calibration_error, TARGETS),
        (teacher_divergence, TEACHER),
        (teacher_agreement, TEACHER),
    ):
        assert measure(stored, other) == pytest.approx(measure(LOGITS, other), abs=1e-3)  # type: ignore[operator]


def test_a_certain_network_has_finite_values() -> None:
    """Where a probability is 0, what is stored is the least finite float16."""
    certain = np.array([[0, -65504, -65504]], dtype=np.float16)
    assert negative_log_likelihood(certain, np.array([0])) == 0
    assert negative_log_likelihood(certain, np.array([1])) == 65504
    assert expected_calibration_error(certain, np.array([0])) == 0
    assert teacher_divergence(certain, certain) == 0
