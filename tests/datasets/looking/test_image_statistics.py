"""Statistics of one pass over the images equal those of the whole arrays."""

from pathlib import Path

import numpy as np
import pytest

from datasets.looking.image_statistics import collect_statistics


def _noise(samples: int, channels: int = 1, size: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(samples, channels, size, size))


def test_statistics_equal_those_of_the_whole_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.looking.image_statistics.BLOCK_BYTES", 20_000)
    images = (_noise(50, 3) * 500 + 1000).astype(np.uint16)
    other = _noise(50, 1, 5, seed=1).astype(np.float16)
    found = collect_statistics({"S2": images, "S1": other})
    for name, array in (("S2", images), ("S1", other)):
        channels, exact = found.statistics[name], array.astype(np.float64)
        assert channels.minimum.tolist() == exact.min(axis=(0, 2, 3)).tolist()
        assert channels.maximum.tolist() == exact.max(axis=(0, 2, 3)).tolist()
        np.testing.assert_allclose(channels.mean, exact.mean(axis=(0, 2, 3)))
        low, high = np.percentile(exact, (2, 98), axis=(0, 2, 3))
        np.testing.assert_allclose(channels.low, low, rtol=1e-3)
        np.testing.assert_allclose(channels.high, high, rtol=1e-3)
    halves = images.mean(axis=1).reshape(50, 8, 2, 8, 2).mean(axis=(2, 4)).reshape(50, 64)
    np.testing.assert_allclose(found.thumbnails[:, 0], halves, rtol=1e-4)


def test_percentiles_of_many_values_are_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.looking.image_statistics.SAMPLED_IMAGES", 200)
    monkeypatch.setattr("datasets.looking.image_statistics.SAMPLED_VALUES", 20_000)
    images = _noise(1000).astype(np.float32)
    found = collect_statistics({"A": images}).statistics["A"]
    np.testing.assert_allclose([found.low[0], found.high[0]], [-2.05, 2.05], atol=0.08)


def test_memory_maps_give_the_same_statistics_and_keep_changes(tmp_path: Path) -> None:
    images = _noise(30).astype(np.float32)
    np.save(tmp_path / "images.npy", images)
    for mode in ("r", "c"):
        mapped = np.load(tmp_path / "images.npy", mmap_mode=mode)  # type: ignore[call-overload]
        if mode == "c":
            mapped[0] = 7
        found = collect_statistics({"A": mapped[:, :1]})
        assert found.statistics["A"].maximum[0] == (7 if mode == "c" else images.max())
        np.testing.assert_array_equal(mapped[1:], images[1:])
        assert (mapped[0] == 7).all() == (mode == "c")
