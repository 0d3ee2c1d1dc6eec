"""EuroSAT-MS-SAR: Sentinel-2 and Sentinel-1 land cover patches (Wang et al., 2023)."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard, RemoteFile
from datasets.preparing.archives import Files
from datasets.preparing.decoding import fit, read_tiff
from datasets.preparing.readers import READERS, Catalogue, Item, Options, Part, class_folder

_COUNTS = {
    "AnnualCrop": 3000,
    "Forest": 3000,
    "HerbaceousVegetation": 3000,
    "Highway": 2500,
    "Industrial": 2500,
    "Pasture": 2000,
    "PermanentCrop": 2500,
    "Residential": 3000,
    "River": 2500,
    "SeaLake": 3000,
}

CARD = CARDS.register(
    "eurosat_ms_sar",
    DatasetCard(
        name="eurosat_ms_sar",
        label="EuroSAT-MS-SAR",
        homepage="https://zenodo.org/records/7711810",
        modalities={"MS": 13, "SAR": 2},
        class_names=tuple(_COUNTS),
        samples=27000,
        image_size=64,
        class_counts=_COUNTS,
        archives=(
            RemoteFile(
                url="https://zenodo.org/records/7711810/files/EuroSAT_MS.zip?download=1",
                name="EuroSAT_MS.zip",
                size=2_065_402_329,
                md5="091174add3c8e680a49244acf185b9f0",
            ),
            RemoteFile(
                url=(
                    "https://huggingface.co/datasets/wangyi111/EuroSAT-SAR/resolve/main/"
                    "EuroSAT-SAR.zip"
                ),
                name="EuroSAT-SAR.zip",
                size=922_267_666,
                sha256="3ffad1e8bb3c2b0c2941ed60b978d78f43a77c9b3bddd6fe35c34ab655459c10",
            ),
        ),
        licence="MIT",
        citation=(
            "Helber et al., EuroSAT: A Novel Dataset and Deep Learning Benchmark for Land Use and "
            "Land Cover Classification, IEEE JSTARS 2019; Wang et al., Feature Guided Masked "
            "Autoencoder for Self-supervised Learning in Remote Sensing, 2023 (SAR)"
        ),
        layouts=(
            "EuroSAT_MS.zip or EuroSATallBands.zip (or the folder it was extracted to) with "
            "EuroSAT-SAR.zip (or its folder): GeoTIFFs in one folder per class",
        ),
    ),
)

_SIZE = (64, 64)
_SOURCE_TYPES = {"MS": "uint16", "SAR": "float32"}
# SAR is in decibels, about -50 to 20: half precision keeps steps of 0.03 dB or finer there.
_STORED_TYPES = {"MS": "uint16", "SAR": "float16"}

Key = tuple[str, str]  # class folder, base name without suffix


class EurosatReader:
    """Reads both archives; a pair is two files of one class folder with one base name."""

    layouts: tuple[Mapping[str, Part], ...] = (
        {
            "MS": Part(
                ("EuroSAT_MS.zip", "EuroSATallBands.zip", "EuroSAT_MS", "EuroSATallBands", "ds")
            ),
            "SAR": Part(("EuroSAT-SAR.zip", "EuroSAT-SAR")),
        },
    )
    choices: Mapping[str, tuple[str, ...]] = {}

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the pairs, ordered by class and number; see `Reader.catalogue`."""
        members = {modality: _members(files[modality]) for modality in CARD.modalities}
        for modality, other in (("SAR", "MS"), ("MS", "SAR")):
            alone = sorted(members[modality].keys() - members[other].keys())
            if alone:
                raise UserError(
                    f"{files[modality].origin}: {members[modality][alone[0]]} has no {other} "
                    f"partner {'/'.join(alone[0])}.tif in {files[other].origin} ({len(alone)} such "
                    "files), expected one per file; fetch both archives again"
                )
        items = [
            Item(
                labels=(CARD.class_names.index(key[0]),),
                decode=partial(
                    _decode,
                    {name: (files[name], members[name][key]) for name in options.modalities},
                    options.image_size,
                ),
            )
            for key in sorted(members["MS"], key=_order)
        ]
        return Catalogue(
            items=items,
            types=_STORED_TYPES,
        )


READERS.register(CARD.name, EurosatReader())


def _members(files: Files) -> dict[Key, str]:
    """Class folder and base name -> path, for every GeoTIFF of one archive.

    Both known nestings, and any other, are accepted, but only one in an archive: two would be two
    versions of the data mixed.
    """
    found: dict[Key, str] = {}
    tops: dict[str, str] = {}
    for name in files.names:
        path = PurePosixPath(name)
        if path.suffix.lower() not in (".tif", ".tiff"):
            continue
        label = class_folder(files, path, CARD)
        tops.setdefault(str(path.parent.parent), name)
        found[label, path.stem] = name
    if len(tops) > 1:
        first, second = list(tops.values())[:2]
        raise UserError(
            f"{files.origin} mixes two distributions: found {first} beside {second}, expected one "
            "folder of classes; keep one of them"
        )
    if not found:
        raise UserError(
            f"{files.origin}: found no GeoTIFF, expected <class>/<class>_<n>.tif; check that it is "
            "the official archive"
        )
    return found


def _order(key: Key) -> tuple[int, int, str]:
    number = re.search(r"\d+$", key[1])
    return CARD.class_names.index(key[0]), int(number[0]) if number else 0, key[1]


def _decode(sources: Mapping[str, tuple[Files, str]], size: int) -> dict[str, Array]:
    images: dict[str, Array] = {}
    for modality, (files, name) in sources.items():
        origin = f"{files.origin}: {name}"
        image = read_tiff(
            files.read(name), origin, CARD.modalities[modality], _SOURCE_TYPES[modality], _SIZE
        )
        stored = image.astype(_STORED_TYPES[modality], copy=False)
        if stored.dtype.kind == "f" and not np.isfinite(stored).all():
            raise UserError(
                f"{origin}: found NaN, infinite or too large values, expected decibels; check that "
                "the archive is the official one"
            )
        images[modality] = fit(stored, size)
    return images
