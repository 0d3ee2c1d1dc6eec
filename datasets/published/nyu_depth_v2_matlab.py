"""The MATLAB files of NYU Depth v2: one of version 7.3, which is HDF5, and two older ones."""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array

_MILLIMETRES = 1000
_FARTHEST = np.iinfo(np.uint16).max


class LabelledMat:
    """`nyu_depth_v2_labeled.mat`, opened; read from any thread.

    MATLAB stores the axes of its arrays in the opposite order, so that a matrix of height x width x
    channels x samples is (N, C, W, H) here.

    Args:
        path: the file.
        depth: name of the array of depths.

    Attributes:
        origin: the file.
        samples: number of images N.
        scenes: name of the scene of each image, or None where the file has none.

    Raises:
        UserError: it is no HDF5 file, or not the labelled data set.
    """

    def __init__(self, path: Path, depth: str) -> None:
        import h5py

        self.origin = path
        self._depth = depth
        self._lock = Lock()
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            reason = str(error).splitlines()[0]
            raise UserError(
                f"cannot read {path} as HDF5, which MATLAB files of version 7.3 are ({reason}); it "
                "may be truncated, or saved anew in an older version: fetch the official file"
            ) from None
        for name in ("images", depth, "labels"):
            if name not in self._file:
                raise UserError(
                    f"{path}: found no array '{name}' but {', '.join(sorted(self._file))}; check "
                    "that it is the official labelled file"
                )
        images, depths, labels = (self._file[name].shape for name in ("images", depth, "labels"))
        if (
            len(images) != 4
            or images[1] != 3
            or depths != labels
            or depths != images[:1] + images[2:]
        ):
            raise UserError(
                f"{path}: found images of shape {images}, {depth} {depths} and labels {labels}, "
                "expected (N, 3, W, H), (N, W, H) and (N, W, H); check that it is the official "
                "labelled file"
            )
        self.samples: int = images[0]
        self.scenes = self._read_scenes()

    def image(self, sample: int) -> NDArray[np.uint8]:
        """Colours (3, H, W)."""
        return self._read("images", sample).transpose(0, 2, 1).astype(np.uint8)

    def labels(self, sample: int) -> NDArray[np.int64]:
        """Numbers of the objects' names (H, W), 0 where there is none."""
        return self._read("labels", sample).T.astype(np.int64)

    def millimetres(self, sample: int) -> NDArray[np.uint16]:
        """Depth (1, H, W) in millimetres, 0 where the file has zero, NaN or infinity."""
        metres = self._read(self._depth, sample).T.astype(np.float32)
        whole = np.where(np.isfinite(metres), metres, 0)
        return (whole * _MILLIMETRES).round().clip(0, _FARTHEST).astype(np.uint16)[None]

    def _read(self, name: str, sample: int) -> NDArray[Any]:
        try:
            with self._lock:
                return np.asarray(self._file[name][sample])
        except OSError as error:
            raise UserError(
                f"{self.origin}: cannot read '{name}' of image {sample + 1} "
                f"({str(error).splitlines()[0]}); the file is damaged: fetch it again"
            ) from None

    def _read_scenes(self) -> tuple[str, ...] | None:
        """Names of the scenes: a cell array of text, which is an array of references."""
        if "scenes" not in self._file or self._file["scenes"].size != self.samples:
            return None
        cells = self._file["scenes"][()].ravel()
        return tuple("".join(map(chr, np.ravel(self._file[cell][()]))) for cell in cells)


def read_splits(path: Path, samples: int) -> NDArray[np.bool_]:
    """Which of the images are in the test part (N,), from `splits.mat`.

    Raises:
        UserError: it cannot be read, or does not divide the images.
    """
    content = _load(path, ("trainNdxs", "testNdxs"))
    train, test = (content[name].ravel().astype(np.int64) for name in ("trainNdxs", "testNdxs"))
    if not np.array_equal(np.sort(np.concatenate([train, test])), np.arange(1, samples + 1)):
        raise UserError(
            f"{path}: divides {len(train)} and {len(test)} images, the highest of which is "
            f"{max(train.max(initial=0), test.max(initial=0))}, expected each of 1 to {samples} "
            "once; use files that belong together"
        )
    return np.isin(np.arange(1, samples + 1), test)


def read_class_map(path: Path, classes: int) -> NDArray[np.int64]:
    """The class, from 1, of each object name, from `classMapping40.mat`.

    Raises:
        UserError: it cannot be read, or has other classes.
    """
    numbers: NDArray[np.int64] = _load(path, ("mapClass",))["mapClass"].ravel().astype(np.int64)
    if not len(numbers) or numbers.min() < 1 or numbers.max() > classes:
        found = f"{numbers.min()} to {numbers.max()}" if len(numbers) else "none"
        raise UserError(
            f"{path}: maps {len(numbers)} names to the classes {found}, expected 894 names and "
            f"classes 1 to {classes}; fetch the official file"
        )
    return numbers


def _load(path: Path, names: tuple[str, ...]) -> dict[str, Array]:
    """The arrays of an older MATLAB file."""
    from scipy.io import loadmat

    try:
        content: dict[str, Array] = loadmat(path)
    except Exception as error:  # damaged bytes make scipy raise nearly any type
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"cannot read {path} as a MATLAB file ({reason}); fetch it again") from None
    for name in names:
        if name not in content:
            found = ", ".join(key for key in content if not key.startswith("__")) or "nothing"
            raise UserError(f"{path}: found {found} but no array '{name}'; fetch the official file")
    return content
