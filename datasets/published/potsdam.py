"""ISPRS Potsdam: aerial tiles with surface heights and six classes (Rottensteiner et al., 2012)."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard
from datasets.preparing.archives import Files
from datasets.preparing.decoding import read_grey, read_rgb, read_tiff
from datasets.preparing.label_maps import lookup
from datasets.preparing.readers import LABEL_MAPS, READERS, VOID, Catalogue, Item, Options, Part
from datasets.preparing.resize import resize_images, resize_labels

COLOURS = {
    "impervious surfaces": (255, 255, 255),
    "building": (0, 0, 255),
    "low vegetation": (0, 255, 255),
    "tree": (0, 255, 0),
    "car": (255, 255, 0),
    "clutter": (255, 0, 0),
}
BOUNDARY = (0, 0, 0)  # only in the labels without boundaries: pixels that are not scored
# Row of tiles -> columns.
TRAINING = {
    **dict.fromkeys((2, 3, 4, 5), (10, 11, 12)),
    **dict.fromkeys((6, 7), (7, 8, 9, 10, 11, 12)),
}
TEST = {
    2: (13, 14),
    3: (13, 14),
    4: (13, 14, 15),
    5: (13, 14, 15),
    6: (13, 14, 15),
    7: (13,),
}
TILES = tuple(
    sorted((row, column) for part in (TRAINING, TEST) for row in part for column in part[row])
)

CARD = CARDS.register(
    "potsdam",
    DatasetCard(
        name="potsdam",
        label="Potsdam",
        homepage="https://www.isprs.org/education/benchmarks/UrbanSemLab/default.aspx",
        modalities={"RGB": 3, "DEPTH": 1},
        class_names=tuple(COLOURS),
        samples=5472,
        image_size=256,
        task="segmentation",
        licence="research use; see the terms of the ISPRS benchmark",
        citation=(
            "Rottensteiner et al., The ISPRS Benchmark on Urban Object Classification and 3D "
            "Building Reconstruction, ISPRS Annals 2012"
        ),
        layouts=(
            "3_Ortho_IRRG, 1_DSM_normalisation and 5_Labels_all, each a zip archive or its folder; "
            "for other options also 4_Ortho_RGBIR and 5_Labels_all_noBoundary",
        ),
    ),
)

# How far a colour of the labels may be from that of its class, in each channel.
_TOLERANCE = 16
# Bands of 4_Ortho_RGBIR, which are red, green, blue and infrared.
_BANDS = {"irgb": (3, 1, 2), "rgb": (0, 1, 2)}
_NAMES = {
    "images": re.compile(r"top_potsdam_(\d+)_(\d+)_(?:IRRG|RGBIR)\.tif$"),
    "heights": re.compile(r"dsm_potsdam_(\d+)_(\d+)_normalized_lastools\.jpg$"),
    "labels": re.compile(r"top_potsdam_(\d+)_(\d+)_label(?:_noBoundary)?\.tif$"),
}

Tile = tuple[int, int]  # row, column


class PotsdamReader:
    """Cuts each of the 38 tiles into crops; a group is a tile.

    The three bands are called RGB, since that is what networks take them for, and the heights of
    the normalised surface model DEPTH, 8 bits as distributed.

    Options: `bands`, near infrared, red, green (irrg) as the publishers join them, or infrared,
    green, blue (irgb) or rgb from the tiles of four bands; `labels`, those of all pixels (all) or
    without the pixels beside a boundary (no_boundary); `crops`, how many a side of a tile gives.
    """

    layouts: tuple[Mapping[str, Part], ...] = (
        {
            "irrg": Part(("3_Ortho_IRRG.zip", "3_Ortho_IRRG")),
            "rgbir": Part(("4_Ortho_RGBIR.zip", "4_Ortho_RGBIR"), optional=True),
            "heights": Part(("1_DSM_normalisation.zip", "1_DSM_normalisation")),
            "all": Part(("5_Labels_all.zip", "5_Labels_all")),
            "no_boundary": Part(
                ("5_Labels_all_noBoundary.zip", "5_Labels_all_noBoundary"), optional=True
            ),
        },
    )
    choices: Mapping[str, tuple[str, ...]] = {
        "bands": ("irrg", *_BANDS),
        "labels": ("all", "no_boundary"),
        "crops": ("12", "24", "6", "3", "1"),
    }

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the tiles by row and column; see `Reader.catalogue`."""
        images = "irrg" if options.choices["bands"] == "irrg" else "rgbir"
        sources = {
            kind: self._source(files, role, kind)
            for kind, role in (
                ("images", images),
                ("heights", "heights"),
                ("labels", options.choices["labels"]),
            )
        }
        crops = int(options.choices["crops"]) ** 2
        items = [
            Item(
                labels=(),
                maps=crops,
                decode=partial(_decode, {kind: sources[kind][tile] for kind in sources}, options),
                groups=(f"{tile[0]}_{tile[1]}",) * crops,
                test=tile[1] in TEST[tile[0]],
            )
            for tile in TILES
        ]
        return Catalogue(items=items, types={"RGB": "uint8", "DEPTH": "uint8"})

    def _source(
        self, files: Mapping[str, Files], role: str, kind: str
    ) -> dict[Tile, tuple[Files, str]]:
        """The file of each tile."""
        if role not in files:
            (layout,) = self.layouts
            wanted = layout[role].names[0]
            raise UserError(
                f"{CARD.label}: the chosen options need {wanted}, but it is not there; put it "
                f"beside {files['heights'].origin}, or choose other options"
            )
        source = files[role]
        found: dict[Tile, tuple[Files, str]] = {}
        for name in source.names:
            match = _NAMES[kind].search(name)
            if match is None:
                continue
            tile = int(match[1]), int(match[2])
            if tile in found:
                raise UserError(
                    f"{source.origin}: found {found[tile][1]} beside {name}, expected each tile "
                    "once; keep one of them"
                )
            found[tile] = source, name
        absent = [f"{row}_{column}" for row, column in TILES if (row, column) not in found]
        if absent:
            raise UserError(
                f"{source.origin}: found {len(found)} of {len(TILES)} tiles, the first that is "
                f"missing is {absent[0]}; fetch the archive of all tiles"
            )
        return found


READERS.register(CARD.name, PotsdamReader())


def _decode(sources: Mapping[str, tuple[Files, str]], options: Options) -> dict[str, Array]:
    """The crops of one tile, row by row."""
    origins = {kind: f"{files.origin}: {name}" for kind, (files, name) in sources.items()}
    contents = {kind: files.read(name) for kind, (files, name) in sources.items()}
    colours: Array = read_rgb(contents["labels"], origins["labels"])
    image: Array
    if options.choices["bands"] == "irrg":
        image = read_rgb(contents["images"], origins["images"])
    else:
        size = colours.shape[1], colours.shape[2]
        bands = read_tiff(contents["images"], origins["images"], 4, np.uint8, size)
        image = bands[list(_BANDS[options.choices["bands"]])]
    size = image.shape[1], image.shape[2]
    colours = _fill_column(colours, size, origins["labels"], origins["images"])
    crops = int(options.choices["crops"])
    arrays: dict[str, Array] = {"RGB": image}
    if "DEPTH" in options.modalities:
        heights = read_grey(contents["heights"], origins["heights"])[None]
        arrays["DEPTH"] = _fill_column(heights, size, origins["heights"], origins["images"])
    cut: dict[str, Array] = {}
    for name, array in arrays.items():
        if name in options.modalities:
            cut[name] = resize_images(_cut(array, crops, origins["images"]), options.size)
    labels = read_colours(colours.astype(np.uint8, copy=False), origins["labels"])[None]
    cut[LABEL_MAPS] = resize_labels(_cut(labels, crops, origins["labels"])[:, 0], options.size)
    return cut


def read_colours(colours: NDArray[np.uint8], origin: str) -> NDArray[np.uint8]:
    """Class index (H, W) of each pixel of a label image (3, H, W).

    Raises:
        UserError: a colour is that of no class.
    """
    # Every channel of every class is 0 or 255, so three bits name the class.
    bits = (colours >= VOID // 2 + 1).astype(np.uint8)
    away = np.where(bits == 1, np.uint8(255) - colours, colours)
    if away.max() > _TOLERANCE:
        _, row, column = np.unravel_index(away.argmax(), away.shape)
        found = ", ".join(map(str, colours[:, row, column]))
        raise UserError(
            f"{origin}: found the colour {found} in row {row + 1}, column {column + 1}, expected "
            f"that of one of the classes {', '.join(COLOURS)}; check that the labels are the "
            "official ones"
        )
    codes = bits[0] * np.uint8(4) + bits[1] * np.uint8(2) + bits[2]
    return lookup(
        codes,
        {_code(colour): index for index, colour in enumerate(COLOURS.values())},
        {_code(BOUNDARY)},
        f"{origin}, colours as three bits",
    )


def _code(colour: Sequence[int]) -> int:
    red, green, blue = (channel // VOID for channel in colour)
    return 4 * red + 2 * green + blue


def _fill_column(array: Array, size: tuple[int, int], origin: str, image_origin: str) -> Array:
    """A raster (C, H, W) of the size of the image, the last column repeated where one is missing.

    Raises:
        UserError: it has another size.
    """
    height, width = array.shape[1:]
    if (height, width) == (size[0], size[1] - 1):
        return np.concatenate([array, array[:, :, -1:]], axis=2)
    if (height, width) != size:
        raise UserError(
            f"{origin} has {height} x {width} pixels, but its image {image_origin} has {size[0]} x "
            f"{size[1]} (height x width); one missing column would be filled, anything else is "
            "not: fetch the official files"
        )
    return array


def _cut(array: Array, crops: int, origin: str) -> Array:
    """Crops (crops * crops, C, h, w) of a raster (C, H, W), row by row.

    Raises:
        UserError: it cannot be divided so.
    """
    channels, height, width = array.shape
    if height % crops or width % crops:
        raise UserError(
            f"{origin} has {height} x {width} pixels, which {crops} x {crops} crops do not divide; "
            "official tiles have 6000 x 6000: fetch them, or choose another number of crops"
        )
    rows, columns = height // crops, width // crops
    divided = array.reshape(channels, crops, rows, crops, columns)
    return divided.transpose(1, 3, 0, 2, 4).reshape(-1, channels, rows, columns)
