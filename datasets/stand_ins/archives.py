"""Stand-in archives: miniature data in the exact layout of the official distributions.

They go through readers and preparation as the real archives do, from zip to array.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from datasets.base import Dataset
from datasets.cards import DatasetCard
from datasets.preparing.folders import make_folder
from datasets.preparing.preparation import open_prepared, prepare
from datasets.preparing.readers import PreparationOptions
from datasets.stand_ins.eurosat_ms_sar import write_eurosat
from datasets.stand_ins.midair import write_midair
from datasets.stand_ins.miniature import NOTE, SIZE, make_miniature
from datasets.stand_ins.nyu_depth_v2 import write_nyu_matlab
from datasets.stand_ins.potsdam import write_potsdam
from datasets.stand_ins.sunrgbd import write_sunrgbd_pairs
from datasets.stand_ins.tristar import write_tristar

FOLDER = "miniature"

# Raised whenever a writer, or the generator of the images, gives other content.
_VERSION = "3"
# Folders of earlier versions have a marker of this name.
_MARKER = "twin.txt"

ArchiveWriter = Callable[[Path], None]
ARCHIVE_WRITERS: dict[str, ArchiveWriter] = {
    "sunrgbd": write_sunrgbd_pairs,
    "eurosat_ms_sar": write_eurosat,
    "tristar": write_tristar,
    "nyu_depth_v2": write_nyu_matlab,
    "potsdam": write_potsdam,
    "midair": write_midair,
}
# What scenes need to show anything is more than `SIZE`; the reader's options go with it.
SCENES: dict[str, PreparationOptions] = {
    "nyu_depth_v2": PreparationOptions(image_size=48),
    "potsdam": PreparationOptions(image_size=64, choices=(("crops", "1"),)),
    "midair": PreparationOptions(image_size=64),
}


def ensure_archives(name: str, data_folder: Path) -> Path:
    """Folder `miniature/<name>/` with the stand-in archives, written once and in one step.

    Raises:
        UserError: the data folder cannot be written.
    """
    home = data_folder / FOLDER / name

    def write(folder: Path) -> None:
        ARCHIVE_WRITERS[name](folder)
        (folder / _MARKER).write_text(_VERSION, encoding="utf-8")

    make_folder(home, _is_whole, write)
    return home


def _is_whole(home: Path) -> bool:
    marker = home / _MARKER
    return marker.is_file() and marker.read_text(encoding="utf-8") == _VERSION


def open_miniature(
    card: DatasetCard, data_folder: Path, modalities: tuple[str, ...] | None = None
) -> Dataset:
    """Open the stand-in of a published data set, through archives where they can be written.

    Args:
        card: the data set that is stood in for.
        data_folder: gets `miniature/<name>/` with the archives and the prepared arrays.
        modalities: what to read; None for those of the card.

    Raises:
        UserError: the data folder cannot be written.
    """
    if card.name not in ARCHIVE_WRITERS:
        return make_miniature(card)
    home = ensure_archives(card.name, data_folder)
    options = SCENES.get(card.name, PreparationOptions(image_size=SIZE))
    options = replace(options, modalities=modalities)
    prepared = open_prepared(prepare(card.name, home, options))
    return replace(prepared, name=f"{card.name}_miniature", notes=(NOTE, *prepared.notes))
