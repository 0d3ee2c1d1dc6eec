"""Stored predictions and logits as files, of which a report opens one for every run."""

import io
import zipfile
import zlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SUFFIX = ".npy"
_MAGIC = b"\x93NUMPY\x01\x00"  # of the one version that NumPy writes for plain numbers
_START = len(_MAGIC) + 2  # of the header, behind its length


def pack_predictions(predictions: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays by name as the content of an .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **predictions)
    return buffer.getvalue()


def unpack_predictions(
    content: bytes, names: Collection[str] | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by name, read-only; with `names`, those of them that it has.

    Equal to what `np.load` gives without pickles, in a third of the time: most of its own goes into
    headers, which are alike in all files.

    Raises:
        ValueError: it is no such file, or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = {name.removesuffix(_SUFFIX): name for name in archive.namelist()}
            return {
                name: _array(archive.read(member))
                for name, member in found.items()
                if names is None or name in names
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"not readable as predictions ({error})") from None


def _array(content: bytes) -> NDArray[Any]:
    """The array of an .npy file."""
    end = _START + int.from_bytes(content[len(_MAGIC) : _START], "little")
    if content.startswith(_MAGIC) and (length := _vector_length(content[_START:end])) is not None:
        vector = np.frombuffer(content, np.int64, offset=end)
        if len(vector) != length:
            raise ValueError(f"{len(vector)} numbers where {length} are announced")
        return vector
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    array.flags.writeable = False
    return array


@lru_cache(maxsize=1024)
def _vector_length(header: bytes) -> int | None:
    """How many numbers a header announces; None where it is not of one row of int64."""
    stream = io.BytesIO(len(header).to_bytes(2, "little") + header)
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    return shape[0] if dtype == np.int64 and dtype.isnative and len(shape) == 1 else None
