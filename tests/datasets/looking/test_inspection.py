"""The numbers of an inspection, and which splits it says leak."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from datasets import CARDS, Split
from datasets.base import Dataset, fingerprint
from datasets.looking.inspection import Inspection, inspect
from datasets.own.npz import read_npz
from datasets.stand_ins.miniature import make_miniature


def _dataset(
    modalities: dict[str, np.ndarray],
    labels: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    given_splits: dict[int, Split] | None = None,
) -> Dataset:
    samples = len(next(iter(modalities.values())))
    labels = np.arange(samples) % 3 if labels is None else labels
    names = tuple(f"class{label}" for label in range(labels.max() + 1))
    return Dataset(
        "mine", modalities, labels, names, fingerprint(modalities), groups,
        given_splits=given_splits or {},
    )  # fmt: skip


def _noise(samples: int, channels: int = 1, size: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(samples, channels, size, size))


def _smooth(samples: int, size: int = 32, seed: int = 0) -> np.ndarray:
    """Independent random images with the spectrum of natural ones (N, 1, size, size)."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    frequency[0, 0] = np.inf
    spectrum = np.fft.fft2(_noise(samples, 1, size, seed)) / frequency**1.5
    images: np.ndarray = np.fft.ifft2(spectrum).real
    return images / images.std()


def _video(pictures: np.ndarray, frames: int, seed: int) -> np.ndarray:
    """Frames of shots: each shot a picture that shakes by a pixel, with noise."""
    random = np.random.default_rng(seed)
    shots = [
        np.roll(picture, random.integers(-1, 2, size=2), axis=(1, 2))
        + random.normal(0, 0.1, size=picture.shape)
        for picture in pictures
        for _ in range(frames)
    ]
    return np.stack(shots).astype(np.float32)


def _leaks(inspection: Inspection) -> list[str]:
    return [sentence for sentence in inspection.warnings() if "leaks" in sentence]


def test_counts_per_class_and_part() -> None:
    labels = np.repeat(np.arange(3), [20, 30, 50])
    found = inspect(_dataset({"A": _noise(100), "B": _noise(100, 2)}, labels), "paper", 2)
    assert found.class_counts.tolist() == [20, 30, 50]
    for split in found.splits:
        assert split.counts.tolist() == [[14, 21, 35], [1, 2, 5], [5, 7, 10]]
    text = "\n".join(found.describe())
    assert "100 samples in 3 classes and no groups" in text
    assert "Class class1: 30 samples (21 training, 2 validation, 7 test in repetition 0)" in text
    assert "B channel 2: " in text
    assert found.warnings() == []


def test_copies_are_counted_within_the_data_and_across_parts() -> None:
    first, second = _noise(60), _noise(60, seed=1)
    first[[40, 50, 51]], second[[40, 50]] = first[[0, 1, 1]], second[[0, 1]]  # 51: half a copy
    split = Split(np.arange(40), np.arange(40, 50), np.arange(50, 60))
    labels = np.arange(60) % 3
    labels[40] = labels[0]
    dataset = _dataset({"A": first, "B": second}, labels, given_splits={0: split})
    found = inspect(dataset, "paper", 1)
    assert (found.copies, found.conflicting_copies) == (2, 2)  # 50 and 1 differ in class
    assert (found.splits[0].validation_copies, found.splits[0].test_copies) == (1, 1)
    assert found.splits[0].counts.sum(axis=1).tolist() == [40, 10, 10]
    assert "up to 1 of 10 test samples are exact copies" in "\n".join(_leaks(found))
    assert "2 samples are exact copies of a sample of another class" in found.warnings()[0]


def test_constant_channels_and_missing_classes_are_told() -> None:
    images = _noise(40, 2)
    images[:, 1] = 3
    split = Split(np.arange(30), np.arange(30, 35), np.array([36, 39]))  # no class 1, no class 2
    found = inspect(_dataset({"A": images}, given_splits={0: split}), "paper", 1)
    assert found.warnings() == [
        "Channel 2 of A has the value 3 everywhere and tells nothing; check how it was read.",
        "The test part has no sample of class1, class2 in some repetition; give more samples or "
        "finer groups.",
    ]


def test_flat_images_do_not_look_alike_by_their_rounding_errors() -> None:
    flat = np.broadcast_to(np.arange(90.0)[:, None, None, None] / 7, (90, 1, 16, 16))
    found = inspect(_dataset({"A": flat.astype(np.float32), "B": _smooth(90)}), "paper", 1)
    assert found.splits[0].near_duplicates.share == 0


@pytest.mark.parametrize("make", [_smooth, _noise])
def test_shots_leak_in_a_random_split_and_not_by_group(
    make: Callable[..., np.ndarray],
) -> None:
    modalities = {
        name: _video(make(25, size=32, seed=seed), 16, seed)
        for name, seed in (("THERMAL", 0), ("DEPTH", 1))
    }
    labels = np.random.default_rng(0).integers(0, 4, 400)  # the action changes within a shot
    groups = np.arange(400) // 16
    told = _leaks(inspect(_dataset(modalities, labels, groups), "paper", 2))
    assert "of 25 groups have samples in both training and test" in told[0]
    assert "have a near-duplicate in training, but only 0% have one in another group" in told[1]
    assert _leaks(inspect(_dataset(modalities, labels, groups), "by_group", 2)) == []
    ungrouped = inspect(_dataset(modalities, labels), "paper", 2)
    assert ungrouped.splits[0].near_duplicates.share > 0.8
    assert "add groups that name the shot" in _leaks(ungrouped)[0]


@pytest.mark.parametrize("make", [_smooth, _noise])
@pytest.mark.parametrize("groups", [None, np.arange(600) // 20])
def test_independent_images_have_no_near_duplicates(
    make: Callable[..., np.ndarray], groups: np.ndarray | None
) -> None:
    dataset = _dataset({"A": make(600, seed=0), "B": make(600, seed=1)}, groups=groups)
    for split in inspect(dataset, "paper", 2).splits:
        assert split.near_duplicates.share == 0
        assert not split.near_duplicates.leaks


@pytest.mark.parametrize("name", ["sunrgbd", "eurosat_ms_sar", "tristar"])
def test_images_of_one_class_are_alike_without_being_near_duplicates(name: str) -> None:
    assert inspect(make_miniature(CARDS.get(name), 60), "paper", 2).warnings() == []


def test_overlapping_windows_of_real_images(material: Path) -> None:
    dataset = read_npz("terramesh", material / "data" / "terramesh_s2_s1.npz")
    assert "80 of 80 groups" in _leaks(inspect(dataset, "paper", 2))[0]
    assert inspect(dataset, "by_group", 2).warnings() == []


def _maps(labels: np.ndarray, **changes: object) -> Dataset:
    images = _noise(len(labels), size=labels.shape[1])
    official = np.arange(len(labels)) % 2 == 0
    names = ("wall", "floor", "chair")
    return Dataset(
        "mine", {"A": images, "B": images}, labels, names, "0",
        official_test=official, ignore_index=255, **changes,
    )  # fmt: skip


def test_pixels_are_counted_where_each_has_a_class() -> None:
    labels = np.zeros((20, 16, 16), np.uint8)
    labels[:, :4], labels[1::2, 4:8] = 255, 1
    inspection = inspect(_maps(labels), "paper", 2)
    described = " ".join(inspection.describe())

    assert "20 samples with one of 3 classes per pixel" in described
    assert "Pixels without a class: 25.00% of 5,120." in described
    assert "Class wall: 83.33% of the pixels with a class (66.67% training" in described
    assert "Class floor: 16.67% of the pixels with a class (33.33% training" in described
    (missing,) = (sentence for sentence in inspection.warnings() if "The test part" in sentence)
    assert missing == (
        "The test part has no pixel of floor, chair in some repetition, which its mean IoU then "
        "leaves out."
    )


def test_copies_with_another_label_map() -> None:
    labels = np.zeros((20, 16, 16), np.uint8)
    dataset = _maps(labels)
    images = np.array(dataset.modalities["A"])
    images[3], images[7] = images[1], images[5]
    labels[3, 0, 0] = 1
    copied = Dataset(
        "mine", {"A": images, "B": images}, labels, dataset.class_names, "0",
        official_test=dataset.official_test, ignore_index=255,
    )  # fmt: skip
    inspection = inspect(copied, "paper", 1)
    assert (inspection.copies, inspection.conflicting_copies) == (2, 2)
    assert any("with another label map" in sentence for sentence in inspection.warnings())
