"""Stand-in files of NYU Depth v2: the labelled MATLAB file, and the folders extracted from it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed
from datasets.preparing.readers import VOID
from datasets.published.nyu_depth_v2 import CARD
from datasets.stand_ins.files import image_bytes, write_zip
from datasets.stand_ins.scenes import Scenes, make_scenes

SAMPLES, TEST_SAMPLES, PER_SCENE = 36, 12, 3
SIZE = (48, 64)
NAMES = 80  # of objects; two stand for each class


def write_nyu_matlab(folder: Path, samples: int = SAMPLES, size: tuple[int, int] = SIZE) -> None:
    """The labelled file (HDF5), splits.mat and classMapping40.mat, axes as MATLAB has them.

    The depth as it was measured (rawDepths) has holes that the filled one (depths) has not.
    """
    import h5py
    from scipy.io import savemat

    scenes = make_scenes(CARD.name, len(CARD.class_names), samples, size)
    random = np.random.default_rng(derive_seed("twin", CARD.name))
    class_of_name = random.permutation(np.arange(NAMES) % len(CARD.class_names))
    name_of_class = np.array([np.flatnonzero(class_of_name == label)[0] for label in range(40)])
    numbers = np.zeros(scenes.labels.shape, np.uint16)
    known = scenes.labels != VOID
    numbers[known] = name_of_class[scenes.labels[known]] + 1
    raw = scenes.depth[:, 0].copy()
    raw[:, : size[0] // 6] = 0
    # The block before the HDF5 content is where MATLAB writes its version.
    with h5py.File(folder / "nyu_depth_v2_labeled.mat", "w", userblock_size=512) as file:
        options = {"chunks": True, "compression": "gzip", "compression_opts": 1}
        for name, array in (
            ("images", scenes.colours.transpose(0, 1, 3, 2)),
            ("depths", scenes.depth[:, 0].transpose(0, 2, 1)),
            ("rawDepths", raw.transpose(0, 2, 1)),
            ("labels", numbers.transpose(0, 2, 1)),
        ):
            file.create_dataset(name, data=array, **options)
        cells = file.create_dataset("scenes", (1, samples), dtype=h5py.ref_dtype)
        for sample in range(samples):
            text = np.array([[ord(letter)] for letter in scene_name(sample)], np.uint16)
            reference = file.create_dataset(f"#refs#/{sample}", data=text)
            cells[0, sample] = reference.ref
    train, test = _split(samples)
    indices = {"trainNdxs": train[:, None] + 1, "testNdxs": test[:, None] + 1}
    savemat(
        folder / "splits.mat", {name: array.astype(np.uint16) for name, array in indices.items()}
    )
    savemat(folder / "classMapping40.mat", {"mapClass": class_of_name[None].astype(np.uint8) + 1})


def write_nyu_folders(folder: Path, samples: int = SAMPLES, size: tuple[int, int] = SIZE) -> None:
    """NYUDepthv2.zip with RGB, Depth (millimetres) and Label (0 is no class), and both lists."""
    scenes = make_scenes(CARD.name, len(CARD.class_names), samples, size)
    members: dict[str, bytes] = {}
    for sample in range(samples):
        members |= _members(scenes, sample)
    for listing, part in zip(("train.txt", "test.txt"), _split(samples), strict=True):
        lines = [f"RGB/{sample}.jpg Label/{sample}.png" for sample in part]
        members[f"NYUDepthv2/{listing}"] = ("\n".join(lines) + "\n").encode()
    write_zip(folder / "NYUDepthv2.zip", members)


def scene_name(sample: int) -> str:
    """Name of the scene that an image shows."""
    return f"kitchen_{sample // PER_SCENE:04d}"


def _members(scenes: Scenes, sample: int) -> dict[str, bytes]:
    millimetres = (scenes.depth[sample] * 1000).round().astype(np.uint16)
    labels = scenes.labels[sample]
    numbers = np.where(labels == VOID, 0, labels + 1).astype(np.uint8)
    return {
        f"NYUDepthv2/RGB/{sample}.jpg": image_bytes(scenes.colours[sample], "JPEG"),
        f"NYUDepthv2/Depth/{sample}.png": image_bytes(millimetres),
        f"NYUDepthv2/Label/{sample}.png": image_bytes(numbers[None]),
    }


def _split(samples: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the training and of the test images, each in whole scenes."""
    scenes = np.arange(samples) // PER_SCENE
    is_test = scenes % (SAMPLES // TEST_SAMPLES) == 0
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)
