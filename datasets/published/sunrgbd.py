"""SUN RGB-D, Kinect v2 subset for scene classification (Ferreri et al., ICCVW 2021)."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard, RemoteFile
from datasets.preparing.archives import Files
from datasets.preparing.decoding import fit, read_rgb, read_uint16
from datasets.preparing.readers import READERS, Catalogue, Item, Options, Part, class_folder
from datasets.published.sunrgbd_lists import Entry, read_mapping, read_subset

_COUNTS = {
    "bathroom": 150,
    "bedroom": 121,
    "classroom": 535,
    "computer_room": 65,
    "conference_room": 69,
    "dining_area": 192,
    "discussion_area": 62,
    "kitchen": 86,
    "office": 418,
    "rest_space": 407,
}
_LISTS = "https://raw.githubusercontent.com/silvia1993/Multi-Modal_RGB-D_Scene_Recognition_Across_Domains"

CARD = CARDS.register(
    "sunrgbd",
    DatasetCard(
        name="sunrgbd",
        label="SUNRGBD",
        homepage="https://rgbd.cs.princeton.edu",
        modalities={"RGB": 3, "DEPTH": 1},
        class_names=tuple(_COUNTS),
        samples=2105,
        image_size=224,
        class_counts=_COUNTS,
        archives=(
            RemoteFile(
                url="https://rgbd.cs.princeton.edu/data/SUNRGBD.zip",
                name="SUNRGBD.zip",
            ),
            RemoteFile(
                url=f"{_LISTS}/80a2888f9ecea948eb919f797bfa13a27c314a07/subsets/kv2.txt",
                name="kv2.txt",
                size=52_644,
                sha256="ab846a268b28be724c4f72cad90fea4415e7b1586e1b6f03c7ec220be15796d3",
            ),
            RemoteFile(
                url=f"{_LISTS}/e09eca769bc6cc45440796baab1118fac0b3f5d9/subsets/mapping.txt",
                name="mapping.txt",
                size=486_588,
                sha256="93a25a213a333ef76a70cf812629a1f77f1199fee57422454727c7fc3b866b70",
            ),
        ),
        licence="no explicit licence; research use",
        citation=(
            "Song et al., SUN RGB-D: A RGB-D Scene Understanding Benchmark Suite, CVPR 2015; "
            "Ferreri et al., Multi-Modal RGB-D Scene Recognition Across Domains, ICCVW 2021 "
            "(subset)"
        ),
        layouts=(
            "A: SUNRGBD.zip (or its folder) with the lists kv2.txt and mapping.txt beside it",
            "B: kv2.zip or the folder kv2 with <class>/<id>.png, colour left and depth right, and "
            "kv2.txt beside it where at hand",
        ),
    ),
)

_MILLIMETRES = 1000
_FRAME = re.compile(r"(?:^|/)(kv2/[^/]+/[^/]+)/(image|depth|depth_bfx)/[^/]+\.(?:jpg|png)$")


class SunrgbdReader:
    """Reads the original release (A) or the pairs prepared by Ferreri et al. (B).

    Options: `depth`, in layout A the holes filled by the publishers (depth_bfx) or left in;
    `clip_metres`, in layout A the largest depth kept; `colour_depth`, what to do in layout B where
    the depth half is coloured: refuse it, or take the first channel or the mean of the channels.
    """

    layouts: tuple[Mapping[str, Part], ...] = (
        {"frames": Part(("SUNRGBD.zip", "SUNRGBD"), markers=("kv2",))},
        {"pairs": Part(("kv2.zip", "kv2"), markers=CARD.class_names)},
    )
    choices: Mapping[str, tuple[str, ...]] = {
        "depth": ("depth_bfx", "depth"),
        "clip_metres": ("8", "10"),
        "colour_depth": ("refuse", "first", "mean"),
    }

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the pairs, ordered by class and id; see `Reader.catalogue`."""
        if "frames" in files:
            items, depth_type = _list_frames(files["frames"], options), "uint16"
        else:
            items, depth_type = _list_pairs(files["pairs"], options), "uint8"
        return Catalogue(items=items, types={"RGB": "uint8", "DEPTH": depth_type})


READERS.register(CARD.name, SunrgbdReader())


def unrotate_depth(stored: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Millimetres from the depth PNGs of SUN RGB-D, whose 16 bits are rotated left by 3."""
    return (stored >> np.uint16(3)) | (stored << np.uint16(13))


def _list_frames(files: Files, options: Options) -> list[Item]:
    """Layout A: the frames that the lists name, found by their path in the release."""
    entries = read_subset(files.origin.parent / "kv2.txt", CARD.class_names)
    folder_of = read_mapping(files.origin.parent / "mapping.txt")
    members: dict[tuple[str, str], str] = {}
    for name in files.names:
        match = _FRAME.search(name)
        if match is not None:
            kind = (match[1], match[2])
            if kind in members:
                raise UserError(
                    f"{files.origin}: found both {members[kind]} and {name}, expected one image "
                    "per folder; extract the official archive again"
                )
            members[kind] = name
    items = []
    for entry in entries:
        if entry.id not in folder_of:
            raise UserError(
                f"{files.origin.parent / 'mapping.txt'} has no line for {entry.id}.png, which "
                "kv2.txt lists; fetch both lists again"
            )
        frame = folder_of[entry.id]
        paths = {}
        for modality, folder in (("RGB", "image"), ("DEPTH", options.choices["depth"])):
            if (frame, folder) not in members:
                raise UserError(
                    f"{files.origin}: found no image in {frame}/{folder}/, which the lists name as "
                    f"{entry.id}.png; fetch or extract the archive again"
                )
            paths[modality] = members[frame, folder]
        items.append(Item((entry.label,), partial(_decode_frame, files, paths, options)))
    return items


def _decode_frame(files: Files, paths: Mapping[str, str], options: Options) -> dict[str, Array]:
    images: dict[str, Array] = {}
    for modality in options.modalities:
        content, origin = files.read(paths[modality]), f"{files.origin}: {paths[modality]}"
        if modality == "RGB":
            image: Array = read_rgb(content, origin)
        else:
            limit = int(options.choices["clip_metres"]) * _MILLIMETRES
            image = np.minimum(unrotate_depth(read_uint16(content, origin)), np.uint16(limit))
        images[modality] = fit(image, options.image_size)
    return images


def _list_pairs(files: Files, options: Options) -> list[Item]:
    """Layout B: one PNG per pair; compared with kv2.txt where that lies beside it."""
    found: dict[str, tuple[Entry, str]] = {}
    for name in files.names:
        path = PurePosixPath(name)
        if path.suffix.lower() != ".png":
            continue
        label = class_folder(files, path, CARD)
        if path.stem in found:
            raise UserError(
                f"{files.origin} mixes two distributions: found {found[path.stem][1]} beside "
                f"{name}, expected each id once; keep one of them"
            )
        found[path.stem] = Entry(path.stem, CARD.class_names.index(label)), name
    if not found:
        raise UserError(
            f"{files.origin}: found no PNG, expected kv2/<class>/<id>.png; check that it is the "
            "archive of pairs"
        )
    listing = files.origin.parent / "kv2.txt"
    if listing.is_file():
        listed = set(read_subset(listing, CARD.class_names))
        present = {entry for entry, _ in found.values()}
        for entry in sorted(listed ^ present, key=Entry.order):
            where, other = (listing, files.origin) if entry in listed else (files.origin, listing)
            raise UserError(
                f"{CARD.class_names[entry.label]}/{entry.id}.png is in {where} but not in {other} "
                f"({len(listed ^ present)} such differences); use files that belong together"
            )
    return [
        Item((entry.label,), partial(_decode_pair, files, name, options))
        for entry, name in sorted(found.values(), key=lambda pair: Entry.order(pair[0]))
    ]


def _decode_pair(files: Files, name: str, options: Options) -> dict[str, Array]:
    origin = f"{files.origin}: {name}"
    image = read_rgb(files.read(name), origin)
    width = image.shape[2]
    if width % 2:
        raise UserError(
            f"{origin}: found a width of {width} pixels, expected an even one, colour left and "
            "depth right; check that the archive is the official one"
        )
    halves = {"RGB": image[:, :, : width // 2]}
    if "DEPTH" in options.modalities:
        halves["DEPTH"] = _grey(image[:, :, width // 2 :], options.choices["colour_depth"], origin)
    return {name: fit(halves[name], options.image_size) for name in options.modalities}


def _grey(depth: NDArray[np.uint8], rule: str, origin: str) -> NDArray[np.uint8]:
    """Depth (1, H, W) from a half (3, H, W) whose channels are equal, or else by `rule`."""
    if rule == "first" or ((depth[0] == depth[1]).all() and (depth[0] == depth[2]).all()):
        return depth[:1]
    if rule == "mean":
        mean: NDArray[np.float32] = depth.mean(axis=0, keepdims=True, dtype=np.float32)
        return mean.round().astype(np.uint8)
    raise UserError(
        f"{origin}: the right half is coloured, expected grey depth; choose the option "
        "colour_depth 'first' or 'mean' if the depth is encoded in colours"
    )
