"""TRISTAR: thermal, depth and colour frames of people in six states (Stippel et al., GCPR 2023)."""

import re
from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard, RemoteFile
from datasets.preparing.archives import Files
from datasets.preparing.decoding import fit, read_rgb, read_uint16
from datasets.preparing.readers import READERS, Catalogue, Item, Options, Part
from datasets.published.tristar_labels import LABELS, STATES, read_actions

CARD = CARDS.register(
    "tristar",
    DatasetCard(
        name="tristar",
        label="TRISTAR",
        homepage="https://zenodo.org/records/7996570",
        modalities={"THERMAL": 1, "DEPTH": 1},
        optional_modalities={"RGB": 3},
        class_names=STATES,
        samples=14201,
        image_size=128,
        archives=(
            RemoteFile(
                url="https://zenodo.org/records/7996570/files/tristar.zip?download=1",
                name="tristar.zip",
            ),
        ),
        licence="see its Zenodo record",
        citation=(
            "Stippel et al., A Trimodal Dataset: RGB, Thermal, and Depth for Human Segmentation "
            "and Temporal Action Detection, GCPR 2023"
        ),
        layouts=(
            "tristar.zip (or its folder): {train,val,test}/<shot>/{rgb,depth,thermal,mask}/ and "
            "actions.txt per shot, with labels in words or as one integer a line",
        ),
    ),
)

_FOLDERS = {"THERMAL": "thermal", "DEPTH": "depth", "RGB": "rgb"}
_TYPES = {"THERMAL": "uint16", "DEPTH": "uint16", "RGB": "uint8"}
_PATH = re.compile(
    r"(?:^|/)(?P<shot>(?:train|val|test)/[^/]+)/"
    r"(?:(?P<folder>rgb|depth|thermal)/(?P<file>[^/]+)\.png|actions\.txt)$"
)


class TristarReader:
    """Reads the frames in which exactly one of the six states holds; a group is a shot."""

    layouts: tuple[Mapping[str, Part], ...] = (
        {"shots": Part(("tristar.zip", "tristar"), markers=("train", "val", "test"))},
    )
    choices: Mapping[str, tuple[str, ...]] = {}

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the frames, ordered by shot and frame number; see `Reader.catalogue`."""
        archive = files["shots"]
        frames, actions = _index(archive)
        items: list[Item] = []
        skipped: list[str] = []
        for shot in sorted(frames):
            if shot not in actions:
                raise UserError(
                    f"{archive.origin}: found no {shot}/actions.txt, expected one per shot; fetch "
                    "the archive again"
                )
            items += _list_shot(archive, shot, frames[shot], actions[shot], options, skipped)
        if not items:
            raise UserError(
                f"{archive.origin}: found no frame with exactly one of the states "
                f"{', '.join(STATES)}, expected {CARD.samples}; check that it is the official "
                "archive"
            )
        return Catalogue(
            items=items,
            types=_TYPES,
            skipped=skipped,
        )


READERS.register(CARD.name, TristarReader())

# Folder in the shot -> frame number -> path.
Frames = dict[str, dict[str, str]]


def _index(files: Files) -> tuple[dict[str, Frames], dict[str, str]]:
    """Images by shot, folder and frame, and the path of actions.txt by shot."""
    frames: dict[str, Frames] = {}
    actions: dict[str, str] = {}
    for name in files.names:
        match = _PATH.search(name)
        if match is None:
            continue
        shot = frames.setdefault(match["shot"], {folder: {} for folder in _FOLDERS.values()})
        known = actions if match["folder"] is None else shot[match["folder"]]
        key = match["shot"] if match["folder"] is None else frame_of(match["file"])
        if key in known:
            raise UserError(
                f"{files.origin} mixes two distributions: found {known[key]} beside {name}, "
                "expected each frame of a shot once; keep one of them"
            )
        known[key] = name
    if not frames:
        raise UserError(
            f"{files.origin}: found no {{train,val,test}}/<shot>/, expected the shots there; check "
            "that it is the official archive"
        )
    return frames, actions


def frame_of(name: str) -> str:
    """What all images of one moment share: the frame number of `<frame>_<timestamp>.png`.

    Sensors have clocks of their own, so timestamps may differ between the folders of a shot.
    """
    return name.removesuffix(".png").split("_")[0]


def _list_shot(
    files: Files, shot: str, frames: Frames, actions: str, options: Options, skipped: list[str]
) -> list[Item]:
    origin = f"{files.origin}: {actions}"
    all_frames = _in_order(set().union(*frames.values()))
    labels_of = read_actions(files.read(actions), origin, all_frames, frame_of)
    items = []
    for frame in _in_order(labels_of):
        states = [LABELS[label] for label in labels_of[frame] if LABELS[label] in STATES]
        absent = [
            _FOLDERS[name] for name in options.modalities if frame not in frames[_FOLDERS[name]]
        ]
        if len(states) != 1:
            skipped.append(f"{shot}, frame {frame}: {len(states)} states hold, expected one")
        elif absent:
            skipped.append(f"{shot}, frame {frame}: no image in {', '.join(absent)}")
        else:
            paths = {name: frames[_FOLDERS[name]][frame] for name in options.modalities}
            decode = partial(_decode, files, paths, options.image_size)
            items.append(Item((STATES.index(states[0]),), decode, (shot,)))
    skipped += [
        f"{shot}, frame {frame}: not in actions.txt"
        for frame in all_frames
        if frame not in labels_of
    ]
    return items


def _in_order(frames: Iterable[str]) -> list[str]:
    return sorted(frames, key=lambda frame: (int(frame) if frame.isdigit() else 0, frame))


def _decode(files: Files, paths: Mapping[str, str], size: int) -> dict[str, Array]:
    images: dict[str, Array] = {}
    for modality, path in paths.items():
        read = read_rgb if modality == "RGB" else read_uint16
        image: Array = np.asarray(read(files.read(path), f"{files.origin}: {path}"))
        images[modality] = fit(image, size)
    return images
