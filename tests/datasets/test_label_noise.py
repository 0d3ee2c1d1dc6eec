"""Redrawn labels: as many as asked for, of the training part alone, by the repetition."""

import numpy as np

from datasets.label_noise import redraw_labels

LABELS = np.repeat(np.arange(4), 500)
TRAINING = np.arange(0, len(LABELS), 2)


def test_a_share_of_the_training_part_is_redrawn_uniformly() -> None:
    noisy = redraw_labels(LABELS, TRAINING, 0.4, 4, repetition=0)
    changed = np.flatnonzero(noisy != LABELS)
    assert set(changed) <= set(TRAINING)
    assert abs(len(changed) / len(TRAINING) - 0.4 * 3 / 4) < 0.04
    assert np.bincount(noisy[changed], minlength=4).min() > len(changed) / 4 * 0.7


def test_noise_depends_on_the_repetition_alone() -> None:
    first = redraw_labels(LABELS, TRAINING, 0.4, 4, repetition=0)
    assert np.array_equal(first, redraw_labels(LABELS, TRAINING, 0.4, 4, repetition=0))
    assert not np.array_equal(first, redraw_labels(LABELS, TRAINING, 0.4, 4, repetition=1))
    assert np.array_equal(LABELS, np.repeat(np.arange(4), 500))
