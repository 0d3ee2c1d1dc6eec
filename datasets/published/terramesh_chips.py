"""TerraMesh example chips: 11 MB of real Sentinel-2, Sentinel-1 and elevation data.

Five chips of the TerraMesh data set with a land cover map, cut into labelled patches. None of the
papers uses them, but they are free enough to ship: re-encoded, with the same values, they lie in
`datasets/embedded/terramesh` and are read where the data folder has no chips.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard, RemoteFile
from datasets.preparing.archives import Files
from datasets.preparing.decoding import read_npy_xz, read_tiff
from datasets.preparing.readers import READERS, Catalogue, Item, Options, Part
from datasets.preparing.resize import resize_images

CHIPS = ("282D_485L_3_3", "38D_378R_2_3", "433D_629L_3_1", "609U_541L_3_0", "637U_59R_1_3")

_BYTES = {"DEM": 100_994, "LULC": 50_792, "S1RTC": 804_144, "S2L2A": 1_206_010}
_SHA256 = {  # folder -> one per chip, in the order of CHIPS
    "DEM": (
        "73a4b1b9f5bb0b74490c14e55ca2e3b36efbc142aad61b3bc86bf049095ee2ac",
        "4fe1b10915804fc7b35c070dcdb6148ab7274e3da3e3b9ebac839bcf7d9b5d16",
        "0245bbb1f14f410915b37c20b1fa18c4ed2815bf37e65fcbb34b3246bcaa4494",
        "76e3bd4be00631f9680901be07111d7dba6968314399f4c18bd7ecac63c96d8c",
        "02860931d29c68b42d3a5b0eae59def8d6359ef29ba0dffc3d85705c7e0e45ad",
    ),
    "LULC": (
        "70a0419f577f1985109672e62988a0731ac4849b8c0a95888e86947f34107484",
        "851557ab2378629dc2969e0654e11016b86aca325de356f46ebf3e2d8f3ca136",
        "1572be0b14a2c219040b1acf7a6aa81ca9a9b497448d425146d484ad024bb0c6",
        "237c6395ed646195e51895fbbbd656bb2751c181e4067e93274f93f7cead90a2",
        "bcc7286222fea58784e6ca9ccf49f4e5a6cb9db1fd450d0e1d89624d539b2ead",
    ),
    "S1RTC": (
        "b37b47ae2b83871a7194fe5aa4314c750916d02872b06d7d5db38316d8486cb3",
        "d0ff0ed6166023e2b945e4cd9dc6b2744a19c28e10e035546d4c6924791fc3f4",
        "dee91ed165d215806c55610d3f1c2de0776221ad4d35da0889ef61d7f08e1941",
        "aed2d86631769e5d4e0fcbb1f2697df54be958c16d1b305128acdcb5afb7b42f",
        "8c61cc204b0562549c6631b24e6bd044ee5f0af6d4a7815fda1a236f598361ee",
    ),
    "S2L2A": (
        "40cf54f662894a42c205876162e796275bfdf614b61905517826ee1b6f7e0d65",
        "c31f749d89c5bec772204aa1d0436a490b1a14ead7a152b66884fc247055acdc",
        "b8a74c697b07aed11bfe4328329ee7390f246d390d99172485d63d6f04863dd7",
        "8a7a222ddf4f64faa8859bd2ac8d22841475f7296045450f3de46b65244a712d",
        "10f6b77cae3a9810266ebaf2233eecd8948670da2d8bc12de7a85fc1c229678d",
    ),
}
_URL = (
    "https://raw.githubusercontent.com/IBM/terramind/"
    "8090b5cf93fa3d292729f3ef3b28d3c2a2b36d58/examples"
)
_COUNTS = {  # class name -> patches
    "Water": 317,
    "Trees": 342,
    "Crops": 990,
    "Built area": 135,
    "Bare ground": 36,
    "Snow/ice": 576,
    "Rangeland": 410,
}
# Codes of the land cover map in the order of the classes. Codes without a class: 0 no data,
# 3 flooded vegetation, 8 clouds.
_CODES = (1, 2, 4, 5, 6, 7, 9)

CARD = CARDS.register(
    "terramesh_chips",
    DatasetCard(
        name="terramesh_chips",
        label="TerraMesh chips",
        homepage="https://github.com/IBM/terramind",
        modalities={"S2": 12, "S1": 2, "DEM": 1},
        class_names=tuple(_COUNTS),
        samples=2806,
        image_size=16,
        class_counts=_COUNTS,
        archives=tuple(
            RemoteFile(
                url=f"{_URL}/{folder}/{chip}.tif",
                name=f"{folder}/{chip}.tif",
                size=_BYTES[folder],
                sha256=digest,
            )
            for folder, digests in _SHA256.items()
            for chip, digest in zip(CHIPS, digests, strict=True)
        ),
        licence="CC-BY-SA-4.0; contains modified Copernicus Sentinel data",
        citation=(
            "Blumenstiel et al., TerraMesh: A Planetary Mosaic of Multimodal Earth Observation "
            "Data, 2025"
        ),
        embedded=Path(__file__).parents[1] / "embedded" / "terramesh",
        layouts=("the folders S2L2A, S1RTC, DEM and LULC with five GeoTIFFs each",),
    ),
)

_SIZE = (224, 224)
_BLOCK, _WINDOW, _STRIDE = 56, 16, 8
_FOLDERS = {"S2": "S2L2A", "S1": "S1RTC", "DEM": "DEM"}
_STORED_TYPES = {"S2": "int16", "S1": "float16", "DEM": "int16"}
# Folder -> bands, type in the GeoTIFFs, type in the embedded files.
_FORMATS = {
    "S2L2A": (12, "int16", "int16"),
    "S1RTC": (2, "float64", "float16"),
    "DEM": (1, "int16", "int16"),
    "LULC": (1, "uint8", "uint8"),
}


class TerrameshReader:
    """Cuts chips into windows of 16 x 16 with a land cover class; a group is a block of 56 x 56.

    Windows lie 8 pixels apart inside a block and never cross its border, so that samples of two
    groups share no pixel.
    """

    layouts: tuple[Mapping[str, Part], ...] = (
        {"chips": Part((CARD.name,), markers=tuple(_SHA256))},
    )
    choices: Mapping[str, tuple[str, ...]] = {}

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the windows of each chip, ordered by chip, block, row, column."""
        folder = files["chips"]
        if folder.origin != CARD.embedded:
            _require_all(folder)
        items = []
        for chip in CHIPS:
            windows = _labelled_windows(_read(folder, "LULC", chip)[0])
            if not windows:
                name = f"LULC/{chip}.tif"
                raise UserError(
                    f"{folder.origin / name}: no window has a class; fetch it from {_URL}/{name}"
                )
            corners = [(row, column) for row, column, _ in windows]
            items.append(
                Item(
                    labels=tuple(label for _, _, label in windows),
                    decode=partial(_decode, folder, chip, corners, options),
                    groups=tuple(
                        f"{chip}/{row // _BLOCK}/{column // _BLOCK}" for row, column in corners
                    ),
                )
            )
        return Catalogue(
            items=items,
            types=_STORED_TYPES,
        )


READERS.register(CARD.name, TerrameshReader())


def _require_all(folder: Files) -> None:
    """Raise UserError where the folder of GeoTIFFs lacks one."""
    for remote in CARD.archives:
        if remote.name not in folder.names:
            raise UserError(
                f"no file {folder.origin / remote.name}, expected {len(CARD.archives)} files of "
                f"five chips; fetch it from {remote.url}"
            )


def _read(files: Files, folder: str, chip: str) -> Array:
    """One image (C, 224, 224), of a GeoTIFF or of the embedded file with the same values."""
    bands, source_type, embedded_type = _FORMATS[folder]
    if files.origin == CARD.embedded:
        name = f"{folder}/{chip}.npy.xz"
        origin = str(files.origin / name)
        return read_npy_xz(files.read(name), origin, (bands, *_SIZE), embedded_type)
    name = f"{folder}/{chip}.tif"
    return read_tiff(files.read(name), str(files.origin / name), bands, source_type, _SIZE)


def _labelled_windows(cover: NDArray[np.generic]) -> list[tuple[int, int, int]]:
    """Top row, left column and class of each window that has a class.

    The class is the most frequent code, where that covers at least half of the window.
    """
    steps = range(0, _BLOCK - _WINDOW + 1, _STRIDE)
    found = []
    for block_row in range(0, _SIZE[0], _BLOCK):
        for block_column in range(0, _SIZE[1], _BLOCK):
            for row in (block_row + step for step in steps):
                for column in (block_column + step for step in steps):
                    window = cover[row : row + _WINDOW, column : column + _WINDOW]
                    counts = np.bincount(window.ravel().astype(np.int64))
                    code = int(counts.argmax())
                    if 2 * counts[code] >= window.size and code in _CODES:
                        found.append((row, column, _CODES.index(code)))
    return found


def _decode(
    files: Files, chip: str, corners: list[tuple[int, int]], options: Options
) -> dict[str, Array]:
    images: dict[str, Array] = {}
    for modality in options.modalities:
        folder = _FOLDERS[modality]
        image = _read(files, folder, chip).astype(_STORED_TYPES[modality])
        if not np.isfinite(image).all():
            raise UserError(
                f"{files.origin / folder / chip}.tif: found NaN or infinite values; fetch it again"
            )
        windows = np.stack([image[:, r : r + _WINDOW, c : c + _WINDOW] for r, c in corners])
        images[modality] = resize_images(windows, options.image_size)
    return images
