"""Mid-Air: rendered drone flights, disparity, a class per pixel (Fonder et al., CVPRW 2019)."""

import re
from collections.abc import Mapping
from functools import partial

import numpy as np

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard
from datasets.preparing.archives import Files
from datasets.preparing.decoding import fit, read_grey, read_rgb, read_uint16
from datasets.preparing.label_maps import lookup, require_same_size
from datasets.preparing.readers import LABEL_MAPS, READERS, Catalogue, Item, Options, Part
from datasets.preparing.resize import resize_labels

# Names of the labels 0 to 13; "empty" is no class, which leaves the 13 that the papers count.
LABELS = (
    *("sky", "animals", "trees", "dirt ground", "ground vegetation", "rocky ground", "boulders"),
    *("empty", "water plane", "man-made construction", "road", "train track", "road sign"),
    "other man-made object",
)
EMPTY = LABELS.index("empty")

CARD = CARDS.register(
    "midair",
    DatasetCard(
        name="midair",
        label="Mid-Air",
        homepage="https://midair.ulg.ac.be",
        modalities={"RGB": 3, "DEPTH": 1},
        class_names=tuple(name for name in LABELS if name != LABELS[EMPTY]),
        samples=6859,
        image_size=256,
        task="segmentation",
        licence="see its homepage",
        citation=(
            "Fonder and Van Droogenbroeck, Mid-Air: A Multi-modal Dataset for Extremely Low "
            "Altitude Drone Flights, CVPRW 2019"
        ),
        layouts=(
            "the folder MidAir (or MidAir.zip) with {PLE_training,PLE_test}/spring/"
            "{color_left,stereo_disparity,segmentation}/trajectory_<n>/<frame>.{JPEG,PNG}",
        ),
    ),
)

EVERY = 8  # frames, of which one is kept
_FOLDERS = {"RGB": "color_left", "DEPTH": "stereo_disparity", LABEL_MAPS: "segmentation"}
_PATH = re.compile(
    r"(?:^|/)PLE_(?P<part>training|test)/spring/(?P<folder>color_left|stereo_disparity|"
    r"segmentation)/(?P<trajectory>trajectory_\d+)/(?P<frame>\d+)\.(?:jpe?g|png)$",
    re.IGNORECASE,
)
# Metres are this divided by the disparity in pixels: focal length times distance of the cameras.
_METRES = 512.0
_FARTHEST = 1250.0  # metres, beyond which the rendered landscape ends

Flight = tuple[str, str]  # "training" or "test", trajectory


class MidairReader:
    """Reads every 8th frame of the flights in spring; a group is a trajectory.

    Disparities are float16, whose bits the PNGs hold as uint16. One that is not finite is stored
    as 0.

    Options: `depth`, the disparity as it is, or metres, at most 1250.
    """

    layouts: tuple[Mapping[str, Part], ...] = (
        {"flights": Part(("MidAir.zip", "MidAir", "midair"), markers=("PLE_training",))},
    )
    choices: Mapping[str, tuple[str, ...]] = {"depth": ("disparity", "metres")}

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the frames by part, trajectory and number; see `Reader.catalogue`."""
        source = files["flights"]
        items: list[Item] = []
        skipped: list[str] = []
        for (part, trajectory), frames in sorted(_index(source).items()):
            for frame in sorted(frames):
                paths = frames[frame]
                absent = [folder for name, folder in _FOLDERS.items() if name not in paths]
                if absent:
                    skipped.append(
                        f"{part}, {trajectory}, frame {frame}: no image in {', '.join(absent)}"
                    )
                    continue
                items.append(
                    Item(
                        labels=(),
                        maps=1,
                        decode=partial(_decode, source, paths, options),
                        groups=(f"{part}/{trajectory}",),
                        test=part == "test",
                    )
                )
        for wanted in (False, True):
            if not any(item.test is wanted for item in items):
                folder = "PLE_test" if wanted else "PLE_training"
                raise UserError(
                    f"{source.origin}: found no frame of {folder}/spring with colours, disparity "
                    "and segmentation, expected all three; fetch them, and extract the archives of "
                    "single trajectories"
                )
        return Catalogue(
            items=items,
            types={"RGB": "uint8", "DEPTH": "float16"},
            skipped=skipped,
            holes={"DEPTH": 0},
        )


READERS.register(CARD.name, MidairReader())


def _index(files: Files) -> dict[Flight, dict[int, dict[str, str]]]:
    """Flight -> number of a kept frame -> modality -> path."""
    name_of = {folder: name for name, folder in _FOLDERS.items()}
    flights: dict[Flight, dict[int, dict[str, str]]] = {}
    for path in files.names:
        match = _PATH.search(path)
        if match is None or int(match["frame"]) % EVERY:
            continue
        flight = match["part"].lower(), match["trajectory"].lower()
        paths = flights.setdefault(flight, {}).setdefault(int(match["frame"]), {})
        name = name_of[match["folder"].lower()]
        if name in paths:
            raise UserError(
                f"{files.origin} mixes two distributions: found {paths[name]} beside {path}, "
                "expected each frame once; keep one of them"
            )
        paths[name] = path
    return flights


def _decode(files: Files, paths: Mapping[str, str], options: Options) -> dict[str, Array]:
    origins = {name: f"{files.origin}: {path}" for name, path in paths.items()}
    stored = read_grey(files.read(paths[LABEL_MAPS]), origins[LABEL_MAPS])
    class_of = {
        label: CARD.class_names.index(name) for label, name in enumerate(LABELS) if label != EMPTY
    }
    labels = lookup(stored, class_of, {EMPTY}, origins[LABEL_MAPS])
    decoded: dict[str, Array] = {LABEL_MAPS: resize_labels(labels[None], options.size)}
    for modality in options.modalities:
        content, origin = files.read(paths[modality]), origins[modality]
        image: Array
        if modality == "RGB":
            image = read_rgb(content, origin)
        else:
            image = _depth(read_uint16(content, origin).view(np.float16), options.choices["depth"])
        require_same_size(image, origin, stored, origins[LABEL_MAPS])
        decoded[modality] = fit(image, options.size)
    return decoded


def _depth(disparity: Array, unit: str) -> Array:
    """Disparity (1, H, W) in pixels in the wanted unit, 0 where it is not finite."""
    pixels: Array = disparity.astype(np.float32)
    measured = np.isfinite(pixels)
    if unit == "metres":
        pixels = _METRES / np.where(measured, pixels, 1).clip(_METRES / _FARTHEST)
    return np.where(measured, pixels, 0).astype(np.float16)
