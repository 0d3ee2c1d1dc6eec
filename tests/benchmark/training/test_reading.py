"""Batches that are read ahead: the values of the arrays, in order, whatever goes wrong."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.training.reading import UINT16_OFFSET, PrefetchingReader

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.gpu),
]
TYPES = ("uint8", "int16", "uint16", "float16", "float32")


def _readers() -> int:
    return sum(thread.name == "read" for thread in threading.enumerate())


@pytest.fixture
def arrays(tmp_path: Path) -> dict[str, np.ndarray]:
    """Memory-mapped images of every type and label maps of 50 samples."""
    random = np.random.default_rng(0)
    found = {}
    for name in TYPES:
        images = random.uniform(0, 60_000 if name == "uint16" else 200, (50, 2, 6, 5)).astype(name)
        np.save(tmp_path / f"{name}.npy", images)
        found[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    np.save(tmp_path / "labels.npy", random.integers(0, 9, (50, 6, 5)).astype(np.uint8))
    return {**found, "labels": np.load(tmp_path / "labels.npy", mmap_mode="r")}


@pytest.mark.parametrize("device", DEVICES)
def test_batches_have_the_values_of_the_arrays_in_order(
    arrays: dict[str, np.ndarray], device: str
) -> None:
    order = np.random.default_rng(1).permutation(50)
    parts = [(order[first : first + 8], [*TYPES, "labels"]) for first in range(0, 50, 8)]
    reader = PrefetchingReader(arrays, torch.device(device), ahead=2)

    batches = list(reader.batches(parts))

    assert [len(batch["labels"]) for batch in batches] == [8, 8, 8, 8, 8, 8, 2]
    for (samples, _), batch in zip(parts, batches, strict=True):
        for name, tensor in batch.items():
            offset = UINT16_OFFSET if name == "uint16" else 0
            assert tensor.device.type == device
            values = tensor.float().cpu().numpy() + offset
            assert np.array_equal(values, arrays[name][samples].astype(np.float32))
    assert not _readers()


def test_only_what_a_batch_needs_is_read(arrays: dict[str, np.ndarray]) -> None:
    parts = [(np.array([3, 1]), ["uint8"]), (np.array([2]), ["float32", "labels"])]
    first, second = PrefetchingReader(arrays, torch.device("cpu")).batches(parts)
    assert list(first) == ["uint8"]
    assert list(second) == ["float32", "labels"]


def test_the_arrays_stay_as_they_are(arrays: dict[str, np.ndarray]) -> None:
    before = {name: np.array(array) for name, array in arrays.items()}
    for batch in PrefetchingReader(arrays, torch.device("cpu")).batches(
        [(np.arange(10), list(arrays))] * 2
    ):
        for tensor in batch.values():
            tensor.zero_()
    assert all(np.array_equal(before[name], arrays[name]) for name in arrays)


def test_a_reader_that_nobody_wants_any_more_ends(arrays: dict[str, np.ndarray]) -> None:
    parts = [(np.arange(10), ["uint8"])] * 100
    batches = PrefetchingReader(arrays, torch.device("cpu"), ahead=1).batches(parts)
    next(batches)
    assert _readers() == 1
    batches.close()
    assert not _readers()


def test_what_goes_wrong_is_raised_where_the_batch_is_asked_for(
    arrays: dict[str, np.ndarray],
) -> None:
    parts = [(np.arange(10), ["uint8"]), (np.arange(10), ["no such array"])]
    batches = PrefetchingReader(arrays, torch.device("cpu")).batches(parts)
    next(batches)
    with pytest.raises(KeyError, match="no such array"):
        next(batches)
    assert not _readers()
