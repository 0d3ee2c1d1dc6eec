"""Miniature scenes: what colours and depth tell of the classes."""

import numpy as np
import pytest

from datasets.preparing.readers import VOID
from datasets.stand_ins.scenes import make_scenes

CLASSES = (6, 13, 40)


def _accuracy(values: np.ndarray, labels: np.ndarray, classes: int) -> float:
    """Share of pixels of the second half whose class has the nearest mean in the first half."""
    pixels = np.moveaxis(values, 1, -1).astype(float)
    half = len(labels) // 2
    means = np.full((classes, pixels.shape[-1]), np.inf)
    for label in np.unique(labels[:half][labels[:half] != VOID]):
        means[label] = pixels[:half][labels[:half] == label].mean(axis=0)
    known = labels[half:] != VOID
    distance = ((pixels[half:][known][:, None] - means) ** 2).sum(axis=2)
    return float((distance.argmin(axis=1) == labels[half:][known]).mean())


@pytest.mark.parametrize("classes", CLASSES)
def test_colours_tell_classes_apart_that_depth_does_not(classes: int) -> None:
    scenes = make_scenes("a set", classes, 40, (32, 32))
    colours = _accuracy(scenes.colours, scenes.labels, classes)
    depth = _accuracy(scenes.depth, scenes.labels, classes)

    assert colours > 3 / classes
    assert colours > depth > 1 / classes
    assert depth < 0.75


@pytest.mark.parametrize("classes", CLASSES)
def test_every_class_occurs_and_some_pixels_have_none(classes: int) -> None:
    scenes = make_scenes("a set", classes, 40, (32, 32))
    assert set(np.unique(scenes.labels)) == {*range(classes), VOID}
    assert 0 < (scenes.labels == VOID).mean() < 0.2


def test_scenes_follow_from_the_name() -> None:
    first, same, other = (make_scenes(name, 6, 3, (16, 16)) for name in ("a", "a", "b"))
    assert np.array_equal(first.labels, same.labels)
    assert np.array_equal(first.colours, same.colours)
    assert not np.array_equal(first.labels, other.labels)
