"""From the bytes of an image file to an array, every failure as one sentence naming the file."""

import io
import logging
import lzma

import numpy as np
import tifffile
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from core.errors import UserError
from datasets.base import Array
from datasets.preparing.resize import Size, resize_images

# What is wrong with a file is in the error that is raised; tifffile would print it as well.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)


def read_tiff(
    content: bytes, origin: str, channels: int, dtype: DTypeLike, size: tuple[int, int]
) -> Array:
    """Decode the first page of a GeoTIFF to (C, H, W), bands interleaved or one after the other.

    Args:
        content: the file.
        origin: where it comes from, for messages.
        channels: expected number of bands.
        dtype: expected type of the samples.
        size: expected height and width.

    Raises:
        UserError: it cannot be decoded, or is not what is expected.
    """
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            page = file.pages.first
            planar = page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
            image = np.asarray(page.asarray())
    except Exception as error:  # damaged bytes make the decoder raise nearly any type
        raise _unreadable(origin, "GeoTIFF", error) from None
    if image.ndim == 2:
        image = image[None]
    elif not planar:
        image = image.transpose(2, 0, 1)
    expected = np.dtype(dtype)
    if image.shape != (channels, *size) or image.dtype != expected:
        bands, height, width = image.shape
        raise UserError(
            f"{origin}: found {bands} bands of {height} x {width} pixels, {image.dtype.name}, "
            f"expected {channels} bands of {size[0]} x {size[1]} pixels, {expected.name}; check "
            "that the archive is the official one"
        )
    return image


def read_npy_xz(content: bytes, origin: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Decode an array in NumPy's format that was compressed with xz.

    Args:
        content: the file.
        origin: where it comes from, for messages.
        shape: expected shape.
        dtype: expected type.

    Raises:
        UserError: it cannot be decoded, or is not what is expected.
    """
    try:
        array: Array = np.load(io.BytesIO(lzma.decompress(content)), allow_pickle=False)
    except (lzma.LZMAError, ValueError, EOFError) as error:
        raise _unreadable(origin, "xz-compressed array", error) from None
    expected = np.dtype(dtype)
    if array.shape != shape or array.dtype != expected:
        raise UserError(
            f"{origin}: found shape {array.shape}, {array.dtype.name}, expected {shape}, "
            f"{expected.name}; check that the file is the one that ships with the benchmark"
        )
    return array


def read_rgb(content: bytes, origin: str) -> NDArray[np.uint8]:
    """Decode an 8-bit colour PNG or JPEG to (3, H, W).

    Raises:
        UserError: it cannot be decoded, or is not 8-bit.
    """
    image = _open_image(content, origin)
    if image.mode not in ("RGB", "RGBA", "P", "L"):
        raise UserError(
            f"{origin}: found an image of mode {image.mode}, expected 8-bit colour; check that the "
            "archive is the official one"
        )
    return np.asarray(image.convert("RGB")).transpose(2, 0, 1)


def read_uint16(content: bytes, origin: str) -> NDArray[np.uint16]:
    """Decode a 16-bit grey PNG to (1, H, W).

    Raises:
        UserError: it cannot be decoded, or is not 16-bit grey.
    """
    image = _open_image(content, origin)
    if not image.mode.startswith("I"):
        raise UserError(
            f"{origin}: found an image of mode {image.mode}, expected 16-bit grey; check that the "
            "archive is the official one"
        )
    return np.asarray(image).astype(np.uint16)[None]


def read_grey(content: bytes, origin: str) -> NDArray[np.uint8]:
    """Decode an 8-bit grey image, or one of a palette as its indices, to (H, W).

    Raises:
        UserError: it cannot be decoded, or is neither.
    """
    image = _open_image(content, origin)
    if image.mode not in ("L", "P"):
        raise UserError(
            f"{origin}: found an image of mode {image.mode}, expected 8-bit grey; check that the "
            "archive is the official one"
        )
    return np.asarray(image)


def read_depth(content: bytes, origin: str) -> NDArray[np.uint16]:
    """Decode an 8- or 16-bit grey image to (1, H, W), values as they are.

    Raises:
        UserError: it cannot be decoded, or is not grey.
    """
    image = _open_image(content, origin)
    if image.mode != "L" and not image.mode.startswith("I"):
        raise UserError(
            f"{origin}: found an image of mode {image.mode}, expected grey of 8 or 16 bits; check "
            "that the archive is the official one"
        )
    return np.asarray(image).astype(np.uint16)[None]


def fit(image: Array, size: Size) -> Array:
    """Resize one image (C, H, W) to a batch of one of that size, in its own type."""
    return resize_images(image[None], size)


def _open_image(content: bytes, origin: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except Exception as error:  # damaged bytes make the decoders raise nearly any type
        raise _unreadable(origin, "image", error) from None
    return image


def _unreadable(origin: str, kind: str, error: Exception) -> UserError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    reason = reason.replace(" <_io.BytesIO object", "").split(" at 0x")[0]
    return UserError(
        f"cannot decode {origin} as {'an' if kind[0] in 'aeiou' else 'a'} {kind} ({reason}); the "
        "file is damaged: fetch it again"
    )
