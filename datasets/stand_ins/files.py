"""Image files and zip archives as the distributions have them, the same bytes every time."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from core.seeding import derive_seed
from datasets.base import Array

_DATE = (2020, 1, 1, 0, 0, 0)


def tiff_bytes(image: Array, colours: bool = False) -> bytes:
    """A GeoTIFF-like file, bands interleaved, of an image (C, H, W), its bands colours or not."""
    stream = io.BytesIO()
    tifffile.imwrite(
        stream,
        image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)),
        photometric="rgb" if colours else "minisblack",
        planarconfig=None if len(image) == 1 else "contig",
        metadata=None,
        software=False,
    )
    return stream.getvalue()


def image_bytes(image: NDArray[np.uint8] | NDArray[np.uint16], kind: str = "PNG") -> bytes:
    """A PNG or JPEG of an image (3, H, W), or (1, H, W) in 8 or 16 bits."""
    stream = io.BytesIO()
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    options = {"compress_level": 1} if kind == "PNG" else {"quality": 95}
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, format=kind, **options)
    return stream.getvalue()


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """Write an archive whose members come in an order that says nothing about them."""
    names = list(members)
    # The label is part of the seed: another one would give other bytes.
    random = np.random.default_rng(derive_seed("twin", path.name))
    with zipfile.ZipFile(path, "w") as archive:
        for index in random.permutation(len(names)):
            info = zipfile.ZipInfo(names[index], date_time=_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, members[names[index]], compresslevel=1)
