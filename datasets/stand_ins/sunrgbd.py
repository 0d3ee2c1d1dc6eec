"""Stand-in archives of SUN RGB-D: the pairs of Ferreri et al. (B), and the original release (A)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.seeding import derive_seed
from datasets.base import Dataset
from datasets.published.sunrgbd import CARD
from datasets.stand_ins.files import image_bytes, write_zip
from datasets.stand_ins.miniature import make_miniature

SIZE = 32
_FARTHEST = 10_000  # millimetres that the generated depth goes up to


def write_sunrgbd_pairs(folder: Path, samples_per_class: int | None = None) -> None:
    """Layout B: kv2.zip with one side-by-side PNG per pair, and the list kv2.txt."""
    dataset, ids = _generate(samples_per_class)
    rgb, depth = dataset.modalities["RGB"], dataset.modalities["DEPTH"]
    members, lines = {}, []
    for index, label in enumerate(dataset.labels):
        grey = (depth[index].astype(np.uint32) * 255 // _FARTHEST).astype(np.uint8)
        both = np.concatenate([rgb[index], np.repeat(grey, 3, axis=0)], axis=2)
        path = f"kv2/{CARD.class_names[label]}/{ids[index]}.png"
        members[path] = image_bytes(both)
        lines.append(f"{path} {label}")
    write_zip(folder / "kv2.zip", members)
    _write_list(folder, lines)


def write_sunrgbd_release(folder: Path, samples_per_class: int | None = None) -> None:
    """Layout A: SUNRGBD.zip with one folder per frame, and the lists kv2.txt and mapping.txt.

    `depth` has holes (0) that `depth_bfx` has not; both store millimetres with rotated bits.
    """
    dataset, ids = _generate(samples_per_class)
    members: dict[str, bytes] = {}
    lines, mapping = [], ["NEW_DATASET_IMG_FILENAME -> ORIGINAL_SUNRGBD_IMG_PATH"]
    for index, label in enumerate(dataset.labels):
        sensor = "align_kv2" if index % 9 == 0 else "kinect2data"
        frame = f"SUNRGBD/kv2/{sensor}/{(7919 * index) % 10_000:06d}_2014-05-{index % 28 + 1:02d}"
        filled = dataset.modalities["DEPTH"][index].astype(np.uint16)
        with_holes = filled.copy()
        with_holes[:, : SIZE // 4] = 0
        members |= {
            f"{frame}/image/{index:07d}.jpg": image_bytes(dataset.modalities["RGB"][index], "JPEG"),
            f"{frame}/depth/{index:07d}.png": image_bytes(rotate_depth(with_holes)),
            f"{frame}/depth_bfx/{index:07d}.png": image_bytes(rotate_depth(filled)),
            f"{frame}/scene.txt": CARD.class_names[label].encode(),
            f"{frame}/intrinsics.txt": b"529.5 0 365 0 529.5 265 0 0 1",
        }
        lines.append(f"kv2/{CARD.class_names[label]}/{ids[index]}.png {label}")
        mapping.append(f"{ids[index]}.png -> /{frame}")
    write_zip(folder / "SUNRGBD.zip", members)
    _write_list(folder, lines)
    mapping += ["", f"kv2 :  {len(lines)}"]
    (folder / "mapping.txt").write_text("\n".join(mapping), encoding="utf-8")


def rotate_depth(millimetres: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The 16 bits rotated left by 3, as the depth PNGs of the release store them."""
    return (millimetres << np.uint16(3)) | (millimetres >> np.uint16(13))


def _generate(samples_per_class: int | None) -> tuple[Dataset, list[int]]:
    """The images, and an id for each pair that does not follow the order of the classes."""
    dataset = make_miniature(CARD, samples_per_class, SIZE)
    random = np.random.default_rng(derive_seed("twin", CARD.name))
    return dataset, (random.permutation(len(dataset)) + 4244).tolist()


def _write_list(folder: Path, lines: list[str]) -> None:
    random = np.random.default_rng(derive_seed("twin", CARD.name, "list"))
    shuffled = [lines[index] for index in random.permutation(len(lines))]
    (folder / "kv2.txt").write_text("\n".join(shuffled) + "\n", encoding="utf-8")
