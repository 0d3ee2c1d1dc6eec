"""NYU Depth v2: indoor scenes from a Kinect, a class per pixel (Silberman et al., ECCV 2012)."""

from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

from core.errors import UserError
from datasets.base import Array
from datasets.cards import CARDS, DatasetCard, RemoteFile
from datasets.preparing.archives import Files
from datasets.preparing.decoding import fit, read_depth, read_grey, read_rgb
from datasets.preparing.label_maps import lookup, require_same_size
from datasets.preparing.readers import LABEL_MAPS, READERS, Catalogue, Item, Options, Part
from datasets.preparing.resize import resize_labels
from datasets.published.nyu_depth_v2_matlab import LabelledMat, read_class_map, read_splits

CLASSES_40 = (
    *("wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window", "bookshelf"),
    *("picture", "counter", "blinds", "desk", "shelves", "curtain", "dresser", "pillow", "mirror"),
    *("floor mat", "clothes", "ceiling", "books", "refrigerator", "television", "paper", "towel"),
    *("shower curtain", "box", "whiteboard", "person", "night stand", "toilet", "sink", "lamp"),
    *("bathtub", "bag", "other structure", "other furniture", "other prop"),
)
CLASSES_13 = (
    *("bed", "books", "ceiling", "chair", "floor", "furniture", "objects", "picture", "sofa"),
    *("table", "tv", "wall", "window"),
)
# Of each of the 40 classes its number among the 13 of Couprie et al. (2013), counted from 1, as
# `class13Mapping.mat` of https://github.com/ankurhanda/nyuv2-meta-data has it.
TO_13 = (
    *(12, 5, 6, 1, 4, 9, 10, 12, 13, 6, 8, 6, 13, 10, 6, 13, 6, 7, 7, 5),
    *(7, 3, 2, 6, 11, 7, 7, 7, 7, 7, 7, 6, 7, 7, 7, 7, 7, 7, 6, 7),
)

_META = (
    "https://raw.githubusercontent.com/VainF/nyuv2-python-toolkit/"
    "d883619ad796c8bff0f44eeaad17beb6f8e7b30a"
)

CARD = CARDS.register(
    "nyu_depth_v2",
    DatasetCard(
        name="nyu_depth_v2",
        label="NYUDepth",
        homepage="https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html",
        modalities={"RGB": 3, "DEPTH": 1},
        class_names=CLASSES_40,
        samples=1449,
        image_size=480,
        task="segmentation",
        proportion=(3, 4),
        archives=(
            RemoteFile(
                url=(
                    "http://horatio.cs.nyu.edu/mit/silberman/nyu_depth_v2/nyu_depth_v2_labeled.mat"
                ),
                name="nyu_depth_v2_labeled.mat",
                size=2_972_037_809,
                md5="520609c519fba3ba5ac58c8fefcc3530",
            ),
            RemoteFile(
                url=f"{_META}/splits.mat",
                name="splits.mat",
                size=2_626,
                sha256="6e081404491a8bfba2f066beaa9713ef6046f9007aa5f799f2a350506a580cee",
            ),
            RemoteFile(
                url=f"{_META}/classMapping40.mat",
                name="classMapping40.mat",
                size=10_474,
                sha256="ff177194cce9a2163517f1e1e6f1c64c50987162f542dedddc04bbf6ebe6d851",
            ),
        ),
        licence="no explicit licence; research use",
        citation=(
            "Silberman et al., Indoor Segmentation and Support Inference from RGBD Images, ECCV "
            "2012; Gupta et al., Perceptual Organization and Recognition of Indoor Scenes from "
            "RGB-D Images, CVPR 2013 (40 classes)"
        ),
        layouts=(
            "nyu_depth_v2_labeled.mat with splits.mat and classMapping40.mat beside it",
            "NYUDepthv2.zip (or its folder): RGB/, Depth/ and Label/ with one image each per "
            "number, train.txt and test.txt",
        ),
    ),
)

_FOLDERS = {"RGB": "RGB", "DEPTH": "Depth", LABEL_MAPS: "Label"}
_HOLE = 0  # both layouts have it where the sensor measured nothing


class NyuDepthReader:
    """Reads the labelled file of the publishers, or the images extracted from it.

    A group is a scene, which the labelled file names and the folders do not. Depth is stored in
    millimetres from the labelled file, and as it is from the folders.

    Options: `classes`, 40 or the 13 that these are joined to; `depth`, in the labelled file the
    depth with filled holes (depths) or as it was measured (rawDepths).
    """

    layouts: tuple[Mapping[str, Part], ...] = (
        {
            "labelled": Part(("nyu_depth_v2_labeled.mat",)),
            "splits": Part(("splits.mat",)),
            "classes": Part(("classMapping40.mat",)),
        },
        {"folders": Part(("NYUDepthv2.zip", "NYUDepthv2"), markers=("RGB",))},
    )
    choices: Mapping[str, tuple[str, ...]] = {
        "classes": ("40", "13"),
        "depth": ("depths", "rawDepths"),
    }

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List the pairs by number; see `Reader.catalogue`."""
        if "labelled" in files:
            items = _list_matlab(files, options)
        else:
            items = _list_folders(files["folders"], options)
        return Catalogue(
            items=items,
            types={"RGB": "uint8", "DEPTH": "uint16"},
            class_names=CLASSES_13 if options.choices["classes"] == "13" else CLASSES_40,
            holes={"DEPTH": _HOLE},
        )


READERS.register(CARD.name, NyuDepthReader())


def _class_of(options: Options) -> dict[int, int]:
    """From 0, no class, and the numbers of the 40 classes to the index of the class."""
    if options.choices["classes"] == "13":
        return {number: joined - 1 for number, joined in enumerate(TO_13, start=1)}
    return {number: number - 1 for number in range(1, len(CLASSES_40) + 1)}


def _list_matlab(files: Mapping[str, Files], options: Options) -> list[Item]:
    labelled = LabelledMat(files["labelled"].origin, options.choices["depth"])
    test = read_splits(files["splits"].origin, labelled.samples)
    numbers = read_class_map(files["classes"].origin, len(CLASSES_40))
    of_number = _class_of(options)
    class_of = {label: of_number[int(number)] for label, number in enumerate(numbers, start=1)}
    return [
        Item(
            labels=(),
            maps=1,
            decode=partial(_decode_matlab, labelled, sample, class_of, options),
            groups=None if labelled.scenes is None else (labelled.scenes[sample],),
            test=bool(test[sample]),
        )
        for sample in range(labelled.samples)
    ]


def _decode_matlab(
    labelled: LabelledMat, sample: int, class_of: Mapping[int, int], options: Options
) -> dict[str, Array]:
    origin = f"{labelled.origin}: image {sample + 1}"
    images: dict[str, Array] = {LABEL_MAPS: lookup(labelled.labels(sample), class_of, {0}, origin)}
    for modality in options.modalities:
        images[modality] = (
            labelled.image(sample) if modality == "RGB" else labelled.millimetres(sample)
        )
    return _resize(images, options)


def _list_folders(files: Files, options: Options) -> list[Item]:
    found: dict[str, dict[str, str]] = {folder: {} for folder in _FOLDERS.values()}
    lists: dict[str, str] = {}
    for name in files.names:
        path = PurePosixPath(name)
        if path.parent.name in found and path.suffix.lower() in (".jpg", ".png"):
            found[path.parent.name][path.stem] = name
        elif path.name in ("train.txt", "test.txt"):
            lists[path.name] = name
    part_of: dict[str, str] = {}
    for listing in ("train.txt", "test.txt"):
        if listing not in lists:
            raise UserError(
                f"{files.origin}: found no {listing}, expected it beside the folders with one "
                "image per line; fetch it where the folders came from"
            )
        for line in files.read(lists[listing]).decode("utf-8", "replace").splitlines():
            if not line.strip():
                continue
            stem = PurePosixPath(line.split()[0]).stem
            if stem in part_of:
                raise UserError(
                    f"{files.origin}: image {stem} is in {part_of[stem]} and again in {listing}, "
                    "expected each image once; fetch both lists again"
                )
            part_of[stem] = listing
    items = []
    for stem in sorted(part_of, key=lambda stem: (len(stem), stem)):
        absent = [folder for folder, images in found.items() if stem not in images]
        if absent:
            raise UserError(
                f"{files.origin}: {part_of[stem]} names {stem}, but there is no such image in "
                f"{absent[0]}/; fetch or extract the archive again"
            )
        paths = {name: found[folder][stem] for name, folder in _FOLDERS.items()}
        items.append(
            Item(
                labels=(),
                maps=1,
                decode=partial(_decode_folders, files, paths, options),
                test=part_of[stem] == "test.txt",
            )
        )
    return items


def _decode_folders(files: Files, paths: Mapping[str, str], options: Options) -> dict[str, Array]:
    origins = {name: f"{files.origin}: {path}" for name, path in paths.items()}
    stored = read_grey(files.read(paths[LABEL_MAPS]), origins[LABEL_MAPS])
    images: dict[str, Array] = {
        LABEL_MAPS: lookup(stored, _class_of(options), {0}, origins[LABEL_MAPS])
    }
    for modality in options.modalities:
        read = read_rgb if modality == "RGB" else read_depth
        images[modality] = read(files.read(paths[modality]), origins[modality])
        require_same_size(images[modality], origins[modality], stored, origins[LABEL_MAPS])
    return _resize(images, options)


def _resize(images: Mapping[str, Array], options: Options) -> dict[str, Array]:
    """Batches of one, of the wanted size; holes are not mixed with what was measured."""
    resized: dict[str, Array] = {}
    for name, image in images.items():
        if name == "RGB":
            resized[name] = fit(image, options.size)
        else:
            whole: Array = image if name == LABEL_MAPS else image[0]
            nearest = resize_labels(whole[None], options.size)
            resized[name] = nearest if name == LABEL_MAPS else nearest[:, None]
    return resized
