"""What all tests share: data files on demand, and PyTorch on one thread as in every CPU run."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

torch.set_num_threads(1)

SHARED = "CMKD_TEST_MATERIAL"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("needs a GPU")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One of minutes that starts last keeps one process at work while the others wait for it.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def material() -> Path:
    """Folder of reference values and small real data sets that are not part of the project."""
    folder = os.environ.get(SHARED)
    if not folder:
        pytest.skip(f"needs reference material; set {SHARED} to its folder")
    return Path(folder)


@pytest.fixture(scope="session")
def miniature_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for smoke runs: the stand-in archives are generated once for all tests."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def write_npz(tmp_path: Path) -> Callable[..., Path]:
    """Write a small valid archive, some arrays changed or (None) left out, and return its path."""

    def write(**changes: object) -> Path:
        random = np.random.default_rng(0)
        arrays: dict[str, object] = {
            "S2": random.integers(0, 4000, (60, 3, 8, 8)).astype(np.int16),
            "S1": random.normal(-12, 3, (60, 2, 8, 8)).astype(np.float16),
            "labels": np.repeat(np.arange(3), 20),
            "groups": np.tile(np.arange(10), 6),
        }
        arrays |= changes
        path = tmp_path / "data.npz"
        np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
        return path

    return write


@pytest.fixture
def write_maps(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive of images and label maps, some arrays changed or (None) left out.

    Classes follow from the colours, so that they can be learned; a border has no class.
    """

    def write(name: str = "maps", samples: int = 20, **changes: object) -> Path:
        random = np.random.default_rng(0)
        colours = random.integers(0, 256, (samples, 3, 4, 4)).repeat(4, axis=2).repeat(4, axis=3)
        labels = (colours[:, 0] > 127).astype(np.int64) + (colours[:, 1] > 127)
        labels[:, :2] = 255
        arrays: dict[str, object] = {
            "RGB": colours.astype(np.uint8),
            "DEPTH": (labels[:, None] + random.normal(0, 0.3, (samples, 1, 16, 16))).astype("f4"),
            "labels": labels,
            "ignore_index": np.array(255),
            "class_names": np.array(["dark", "mixed", "bright"]),
            "groups": np.arange(samples) % 5,
        }
        arrays |= changes
        path = tmp_path / f"{name}.npz"
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        return path

    return write
