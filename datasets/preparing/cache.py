"""Prepared data on disk: one `.npy` per modality, labels, groups, and `meta.json` written last.

Labels are one number per sample, or maps of them, which are memory-mapped as the images are.

A folder without a readable `meta.json` is no cache.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from core.errors import UserError
from core.files import write_atomically
from core.models import StrictModel, first_finding
from datasets.base import Array, Dataset, Labels
from datasets.preparing.readers import LABEL_MAPS, VOID
from datasets.splits import OFFICIAL_SPLIT

FORMAT = 1
META = "meta.json"
PIXEL_COUNTS = "pixel_counts"

# Written pages count as memory of the process until the file is unmapped.
_UNMAP_EVERY = 128 * 2**20


class StaleCacheError(UserError):
    """Prepared data in the format of another version of this code."""


class ArrayFacts(StrictModel):
    """Name of the numpy type and shape of one array: (N, C, H, W), of label maps (N, H, W)."""

    type: str
    shape: tuple[int, ...]


class CacheMeta(StrictModel):
    """What `meta.json` holds.

    Attributes:
        format: version of this layout.
        name: name of the data set.
        options: what it was prepared with.
        sources: the archives or folders that it was made from.
        fingerprint: digest of content and options.
        class_names: in the order of the labels.
        class_counts: number of samples of each class, or of pixels where there are label maps.
        arrays: modality -> type and shape of its images.
        grouped: there is a `groups.npy`.
        skipped: what was left out and why.
        label_maps: type and shape of the label maps, where each pixel has a class.
        official: there is an `official_test.npy`.
        holes: modality -> number of pixels where nothing was measured.
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
    label_maps: ArrayFacts | None = None
    official: bool = False
    holes: Mapping[str, int] = Field(default_factory=dict)

    @property
    def samples(self) -> int:
        """Number of samples."""
        return next(iter(self.arrays.values())).shape[0]

    def describe_holes(self) -> list[str]:
        """Of each modality that can have them, how many pixels are holes, a sentence each."""
        sentences = []
        for name, count in self.holes.items():
            pixels = math.prod(self.arrays[name].shape)
            sentences.append(
                f"{name}: {count:,} of {pixels:,} pixels ({count / pixels:.1%}) are 0, where "
                "nothing was measured"
            )
        return sentences


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
        """Add samples (n, ...) of the very type and size of the file."""
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
    # Without what this data set has not, so that it says what it said before others had it.
    content = json.dumps(meta.model_dump(mode="json", exclude_defaults=True), indent=1)
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
    """Open the arrays of a cache, images and label maps memory-mapped.

    Raises:
        UserError: an array is missing or not as `meta.json` describes it.
    """
    modalities = {name: _map(folder, name, facts) for name, facts in meta.arrays.items()}
    labels: Labels
    if meta.label_maps is None:
        labels = _per_sample(folder, "labels", meta.samples).astype(np.int64)
    else:
        labels = _map(folder, LABEL_MAPS, meta.label_maps)
    return Dataset(
        name=meta.name,
        modalities=modalities,
        labels=labels,
        class_names=meta.class_names,
        fingerprint=meta.fingerprint,
        groups=_per_sample(folder, "groups", meta.samples) if meta.grouped else None,
        official_test=(
            _per_sample(folder, "official_test", meta.samples).astype(bool)
            if meta.official
            else None
        ),
        notes=(OFFICIAL_SPLIT,) if meta.official else (),
        ignore_index=None if meta.label_maps is None else VOID,
        pixel_counts=None if meta.label_maps is None else _pixel_counts(folder, meta),
    )


def save_per_sample(folder: Path, arrays: Mapping[str, Array | None]) -> None:
    """Write `<name>.npy` of each array (N, ...) that is there."""
    for name, array in arrays.items():
        if array is not None:
            np.save(folder / f"{name}.npy", array)


def _map(folder: Path, name: str, facts: ArrayFacts) -> Any:
    """Memory-map an array of this type and shape."""
    array = _load(folder / f"{name}.npy", memory_map=True)
    if array.dtype.name != facts.type or array.shape != facts.shape:
        raise UserError(
            f"{folder / name}.npy has shape {array.shape} and type {array.dtype.name}, expected "
            f"{facts.shape} and {facts.type}; delete the folder and prepare the data again"
        )
    return array


def _pixel_counts(folder: Path, meta: CacheMeta) -> NDArray[np.int64]:
    """Read the pixels of each class in each sample (N, classes)."""
    counts = _load(folder / f"{PIXEL_COUNTS}.npy")
    expected = (meta.samples, len(meta.class_names))
    if counts.shape != expected:
        raise UserError(
            f"{folder / PIXEL_COUNTS}.npy has shape {counts.shape}, expected {expected}; delete "
            "the folder and prepare the data again"
        )
    return counts.astype(np.int64)


def _per_sample(folder: Path, name: str, samples: int) -> Array:
    """Read an array (N,)."""
    array = _load(folder / f"{name}.npy")
    if array.shape != (samples,):
        raise UserError(
            f"{folder / name}.npy has shape {array.shape}, expected ({samples},); delete the "
            "folder and prepare the data again"
        )
    return array


def _load(path: Path, memory_map: bool = False) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False, mmap_mode="r" if memory_map else None)
    except (OSError, ValueError, EOFError, OverflowError, MemoryError) as error:
        raise UserError(
            f"cannot read {path} ({type(error).__name__}); delete the folder {path.parent} and "
            "prepare the data again"
        ) from None
    return array
