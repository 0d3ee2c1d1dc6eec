"""Prepared data on disk: one `.npy` per modality, labels, groups, and `meta.json` written last.

A folder without a readable `meta.json` is no cache.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from core.errors import UserError
from core.files import write_atomically
from core.models import StrictModel, first_finding
from datasets.base import Array, Dataset

FORMAT = 1
META = "meta.json"

# Written pages count as memory of the process until the file is unmapped.
_UNMAP_EVERY = 128 * 2**20


class StaleCacheError(UserError):
    """Prepared data in the format of another version of this code."""


class ArrayFacts(StrictModel):
    """Name of the numpy type and shape (N, C, H, W) of one array."""

    type: str
    shape: tuple[int, int, int, int]


class CacheMeta(StrictModel):
    """What `meta.json` holds.

    Attributes:
        format: version of this layout.
        name: name of the data set.
        options: what it was prepared with.
        sources: the archives or folders that it was made from.
        fingerprint: digest of content and options.
        class_names: in the order of the labels.
        class_counts: number of samples of each class.
        arrays: modality -> type and shape of its images.
        grouped: there is a `groups.npy`.
        skipped: what was left out and why.
    """

    format: int
    name: str
    options: Mapping[str, Any]
    sources: tuple[str, ...]
    fingerprint: str
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    arrays: Mapping[str, ArrayFacts]
    grouped: bool
    skipped: tuple[str, ...]


class ArrayWriter:
    """Fills a `.npy` file from its first sample to its last with little memory.

    Args:
        path: the file, created with its full size.
        facts: type and shape of the whole array.
    """

    def __init__(self, path: Path, facts: ArrayFacts) -> None:
        self._path = path
        self._array: np.memmap[Any, Any] = np.lib.format.open_memmap(
            path, mode="w+", dtype=np.dtype(facts.type), shape=facts.shape
        )
        self._filled = self._unflushed = 0

    def append(self, images: Array) -> None:
        """Add samples (n, C, H, W) of the very type and size of the file."""
        expected = (len(images), *self._array.shape[1:])
        if images.shape != expected or images.dtype != self._array.dtype:
            raise ValueError(f"got {images.shape} {images.dtype}, expected {expected}")
        self._array[self._filled : self._filled + len(images)] = images
        self._filled += len(images)
        self._unflushed += images.nbytes
        if self._unflushed > _UNMAP_EVERY:
            self._array.flush()
            self._array = np.lib.format.open_memmap(self._path, mode="r+")
            self._unflushed = 0

    def close(self) -> None:
        """Write what is left; every sample must have been added."""
        if self._filled != len(self._array):
            raise ValueError(f"{self._filled} of {len(self._array)} samples were added")
        self._array.flush()
        del self._array


def write_meta(folder: Path, meta: CacheMeta) -> None:
    """Write `meta.json` in one step; the last thing that happens to a cache."""
    content = json.dumps(meta.model_dump(mode="json"), indent=1)
    write_atomically(folder / META, content.encode())


def read_meta(folder: Path) -> CacheMeta | None:
    """Read `meta.json`, or None where there is no cache.

    Raises:
        StaleCacheError: it has another format version.
        UserError: it cannot be read.
    """
    path = folder / META
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = content["format"]
        if found != FORMAT:
            raise StaleCacheError(
                f"{folder} was prepared in cache format {found}, expected {FORMAT}; put the "
                "archives into the data folder to prepare it anew, or delete this folder"
            )
        return CacheMeta.model_validate(content)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValidationError as error:
        finding = first_finding(error)
        reason = f"{finding.where}: {finding.message}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = type(error).__name__
    raise UserError(
        f"cannot read {path} ({reason}); delete the folder {folder} and prepare the data again"
    )


def open_cache(folder: Path, meta: CacheMeta) -> Dataset:
    """Open the arrays of a cache, images memory-mapped.

    Raises:
        UserError: an array is missing or not as `meta.json` describes it.
    """
    samples = sum(meta.class_counts)
    modalities = {}
    for name, facts in meta.arrays.items():
        images = _load(folder / f"{name}.npy", memory_map=True)
        if images.dtype.name != facts.type or images.shape != facts.shape:
            raise UserError(
                f"{folder / name}.npy has shape {images.shape} and type {images.dtype.name}, "
                f"expected {facts.shape} and {facts.type}; delete the folder and "
                "prepare the data again"
            )
        modalities[name] = images
    labels = _load(folder / "labels.npy")
    groups = _load(folder / "groups.npy") if meta.grouped else None
    for name, array in (("labels", labels), ("groups", groups)):
        if array is not None and array.shape != (samples,):
            raise UserError(
                f"{folder / name}.npy has shape {array.shape}, expected ({samples},); delete the "
                "folder and prepare the data again"
            )
    return Dataset(
        name=meta.name,
        modalities=modalities,
        labels=labels.astype(np.int64),
        class_names=meta.class_names,
        fingerprint=meta.fingerprint,
        groups=groups,
    )


def save_labels(
    folder: Path, labels: NDArray[np.int64], groups: NDArray[np.generic] | None
) -> None:
    """Write `labels.npy` and, where there are groups, `groups.npy`."""
    np.save(folder / "labels.npy", labels)
    if groups is not None:
        np.save(folder / "groups.npy", groups)


def _load(path: Path, memory_map: bool = False) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False, mmap_mode="r" if memory_map else None)
    except (OSError, ValueError, EOFError, OverflowError, MemoryError) as error:
        raise UserError(
            f"cannot read {path} ({type(error).__name__}); delete the folder {path.parent} and "
            "prepare the data again"
        ) from None
    return array
