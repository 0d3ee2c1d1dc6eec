"""Prepared data on disk: one `.npy` per modality, labels, groups, and `meta.json` written last.

A folder without a readable `meta.json` is no cache. It is filled under another name and renamed
when whole, so that a broken preparation cannot be taken for data.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array, Dataset

FORMAT = 1
META = "meta.json"

# Written pages count as memory of the process until the file is unmapped.
_UNMAP_EVERY = 128 * 2**20


class StaleCacheError(UserError):
    """Prepared data in the format of another version of this code."""


@dataclass(frozen=True)
class CacheMeta:
    """What `meta.json` holds.

    Attributes:
        format: version of this layout.
        name: name of the data set.
        options: what it was prepared with.
        sources: the archives or folders that it was made from.
        fingerprint: digest of content and options.
        class_names: in the order of the labels.
        class_counts: number of samples of each class.
        arrays: modality -> {"type": name of the numpy type, "shape": [N, C, H, W]}.
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
    arrays: Mapping[str, Mapping[str, Any]]
    grouped: bool
    skipped: tuple[str, ...]


class ArrayWriter:
    """Fills a `.npy` file from its first sample to its last with little memory.

    Args:
        path: the file, created with its full size.
        dtype: name of the type of the samples.
        shape: (N, C, H, W).
    """

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        self._path = path
        self._array: np.memmap[Any, Any] = np.lib.format.open_memmap(
            path, mode="w+", dtype=np.dtype(dtype), shape=shape
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
    partial = folder / f"{META}.partial"
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(asdict(meta), stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(folder / META)


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
        sequences = ("sources", "class_names", "class_counts", "skipped")
        return CacheMeta(**{**content, **{name: tuple(content[name]) for name in sequences}})
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"cannot read {path} ({type(error).__name__}); delete the folder {folder} and prepare "
            "the data again"
        ) from None


def open_cache(folder: Path, meta: CacheMeta) -> Dataset:
    """Open the arrays of a cache, images memory-mapped.

    Raises:
        UserError: an array is missing or not as `meta.json` describes it.
    """
    samples = sum(meta.class_counts)
    modalities = {}
    for name, facts in meta.arrays.items():
        images = _load(folder / f"{name}.npy", memory_map=True)
        if images.dtype.name != facts["type"] or list(images.shape) != facts["shape"]:
            raise UserError(
                f"{folder / name}.npy has shape {images.shape} and type {images.dtype.name}, "
                f"expected {tuple(facts['shape'])} and {facts['type']}; delete the folder and "
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


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one process at a time make `folder`; others wait.

    The lock ends with the process that holds it, however that ends.

    Raises:
        UserError: the parent folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stream = (folder.parent / f".{folder.name}.lock").open("a")
    except OSError as error:
        raise UserError(
            f"cannot write to {folder.parent} ({error.strerror}), where prepared data belongs; "
            "name a writable place with --data"
        ) from None
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _load(path: Path, memory_map: bool = False) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False, mmap_mode="r" if memory_map else None)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(
            f"cannot read {path} ({type(error).__name__}); delete the folder {path.parent} and "
            "prepare the data again"
        ) from None
    return array
