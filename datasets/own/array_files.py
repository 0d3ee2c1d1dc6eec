"""Arrays from `.npy` and `.npz` files that may hold anything.

The header of an array says how large it is, and may be wrong. It is compared with the bytes that
are there before any memory is asked for.
"""

import io
import math
import struct
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from core.errors import UserError
from datasets.base import Array

_LONGEST_HEADER = 10_000  # bytes, as in numpy; the header of an image array takes 118
_LONGEST_AXIS = 2**63 - 1
_MAGIC = np.lib.format.MAGIC_PREFIX
_ENCRYPTED = 0x1  # bit of a zip member's flags


class _BadArrayError(Exception):
    """What is wrong with one array, as half a sentence."""


def map_npy(path: Path) -> Array:
    """Memory-map the array of a `.npy` file, read-only.

    Raises:
        UserError: the file cannot be read, or does not hold the array that its header describes.
    """
    try:
        with path.open("rb") as stream:
            _check_header(stream, path.stat().st_size)
        array: Array = np.load(path, allow_pickle=False, mmap_mode="r")
    except _BadArrayError as error:
        raise UserError(f"cannot read {path} as a .npy array: {error}") from None
    except (OSError, ValueError, OverflowError, MemoryError) as error:
        raise UserError(f"cannot read {path} as a .npy array: {error}; write it again") from None
    return array


def read_npz_arrays(path: Path) -> dict[str, Array]:
    """Read all arrays of an `.npz` archive, in the order of the archive.

    Raises:
        UserError: the file is no such archive, or one of its members is not the array that its
            name and header say.
    """
    try:
        # Opened here, since zipfile leaves a truncated archive open.
        with path.open("rb") as stream:
            if stream.read(len(_MAGIC)) == _MAGIC:
                raise UserError(f"{path} holds a single array, expected an .npz archive")
            with zipfile.ZipFile(stream) as archive:
                return _read_members(path, archive)
    except UserError:
        raise
    except Exception as error:  # damaged bytes make zipfile raise nearly any type
        reason = str(error) or type(error).__name__
        raise UserError(
            f"cannot read {path} as an .npz archive: {reason}; write it again with numpy.savez"
        ) from None


def _read_members(path: Path, archive: zipfile.ZipFile) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for member in archive.infolist():
        key = member.filename.removesuffix(".npy")
        try:
            if key in arrays:
                raise _BadArrayError("its name comes twice; keep one array of that name")
            arrays[key] = _read_member(archive, member)
        except _BadArrayError as error:
            raise UserError(f"cannot read member '{member.filename}' of {path}: {error}") from None
    return arrays


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    if member.is_dir():
        raise _BadArrayError("it is a folder, expected arrays alone; write them with numpy.savez")
    if member.flag_bits & _ENCRYPTED:
        raise _BadArrayError("it is encrypted; write the archive without a password")
    try:
        with archive.open(member) as stream:
            _check_header(stream, member.file_size)
        with archive.open(member) as stream:
            array: Array = np.lib.format.read_array(stream, allow_pickle=False)
    except _BadArrayError:
        raise
    except Exception as error:  # damaged bytes make the readers raise nearly any type
        reason = str(error) or type(error).__name__
        raise _BadArrayError(f"{reason}; write the archive again with numpy.savez") from None
    return array


def _check_header(stream: IO[bytes], size: int) -> None:
    """Read the header of an array and compare it with the bytes that follow.

    Args:
        stream: at the start of the array.
        size: bytes from there to the end, header included.

    Raises:
        _BadArrayError: no header, one that makes no sense, or one of a larger array.
    """
    try:
        version = np.lib.format.read_magic(stream)
    except ValueError:
        raise _BadArrayError("it is no .npy array; write it with numpy.save or savez") from None
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise _BadArrayError(f"it has .npy version {version}, expected 1, 2 or 3; write it again")
    layout = "<H" if version == (1, 0) else "<I"
    prefix = stream.read(struct.calcsize(layout))
    length = struct.unpack(layout, prefix)[0] if len(prefix) == struct.calcsize(layout) else 0
    if not 0 < length <= _LONGEST_HEADER:
        raise _BadArrayError(
            f"its header is {length} bytes long, expected 1 to {_LONGEST_HEADER}; write it again"
        )
    header = io.BytesIO(prefix + stream.read(length))
    # Version 3 differs from 2 in the names of fields alone, which no array here has.
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    try:
        shape, _, dtype = read(header)
    except Exception:  # damaged bytes make the parser raise nearly any type
        raise _BadArrayError("its header is damaged; write it again") from None
    if dtype.hasobject:
        raise _BadArrayError("it holds Python objects, expected numbers or text; convert it")
    if any(not 0 <= length <= _LONGEST_AXIS for length in shape) or not dtype.itemsize:
        raise _BadArrayError(
            f"its header claims shape {shape} and type {dtype}, which no array has; write it again"
        )
    claimed, present = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if claimed > present:
        raise _BadArrayError(
            f"its header claims {claimed:,} bytes, shape {shape} of {dtype}, but {present:,} are "
            "there; write it again"
        )
