"""SUN RGB-D in both layouts: lists, rotated bits, side-by-side pairs, and every way to be wrong."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.published.sunrgbd import CARD, unrotate_depth
from datasets.published.sunrgbd_lists import read_mapping, read_subset
from datasets.stand_ins.files import image_bytes
from datasets.stand_ins.sunrgbd import (
    SIZE,
    rotate_depth,
    write_sunrgbd_pairs,
    write_sunrgbd_release,
)

Edit = Callable[..., None]


def _open(folder: Path, **choices: str) -> Dataset:
    source = DatasetSource(
        "published", "sunrgbd", folder, image_size=SIZE, choices=tuple(choices.items())
    )
    return open_dataset(source)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    write_sunrgbd_release(tmp_path, samples_per_class=3)
    return tmp_path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    write_sunrgbd_pairs(tmp_path, samples_per_class=3)
    return tmp_path


def _first(folder: Path, archive: str, part: str) -> str:
    with zipfile.ZipFile(folder / archive) as opened:
        return next(name for name in sorted(opened.namelist()) if part in name)


def test_bits_of_every_depth_come_back() -> None:
    millimetres = np.arange(2**16, dtype=np.uint16)
    assert np.array_equal(unrotate_depth(rotate_depth(millimetres)), millimetres)
    assert unrotate_depth(np.array([8000 << 3], np.uint16)).tolist() == [8000]
    assert unrotate_depth(np.array([0b101], np.uint16)).tolist() == [0b101 << 13]


def test_exact_depth_of_the_release_clipped_at_8_m(release: Path, edit_zip: Edit) -> None:
    name = _first(release, "SUNRGBD.zip", "/depth_bfx/")
    depth = np.full((1, SIZE, SIZE), 1234, np.uint16)
    depth[0, 0, :3] = (7999, 8001, 65535)
    edit_zip(release / "SUNRGBD.zip", {name: image_bytes(rotate_depth(depth))})
    found = _open(release).modalities["DEPTH"]
    assert found.dtype == np.uint16
    (index,) = np.flatnonzero((found[:, 0, 1:] == 1234).all(axis=(1, 2)))
    assert found[index, 0, 0, :4].tolist() == [7999, 8000, 8000, 1234]
    farther = _open(release, clip_metres="10").modalities["DEPTH"]
    assert farther[index, 0, 0, :4].tolist() == [7999, 8001, 10000, 1234]


def test_release_in_the_order_of_classes_and_ids_with_either_depth(release: Path) -> None:
    filled, with_holes = _open(release), _open(release, depth="depth")
    assert filled.labels.tolist() == np.repeat(np.arange(10), 3).tolist()
    assert filled.channels == {"RGB": 3, "DEPTH": 1}
    assert (with_holes.modalities["DEPTH"] == 0).any()
    assert not (filled.modalities["DEPTH"] == 0).any()
    assert filled.fingerprint != with_holes.fingerprint


def test_extracted_release_gives_the_same(release: Path) -> None:
    expected = _open(release).fingerprint
    with zipfile.ZipFile(release / "SUNRGBD.zip") as archive:
        archive.extractall(release)
    (release / "SUNRGBD.zip").unlink()
    shutil.rmtree(release / "prepared")
    assert _open(release).fingerprint == expected


def test_exact_halves_of_side_by_side_pairs(pairs: Path, edit_zip: Edit) -> None:
    random = np.random.default_rng(0)
    both = random.integers(0, 256, (3, SIZE, 2 * SIZE), dtype=np.uint8)
    both[1:, :, SIZE:] = both[:1, :, SIZE:]
    edit_zip(pairs / "kv2.zip", {_first(pairs, "kv2.zip", "/bathroom/"): image_bytes(both)})
    dataset = _open(pairs)
    position = [np.array_equal(image, both[:, :, :SIZE]) for image in dataset.modalities["RGB"]]
    index = position.index(True)
    assert dataset.labels[index] == CARD.class_names.index("bathroom")
    assert np.array_equal(dataset.modalities["DEPTH"][index], both[:1, :, SIZE:])


def test_frames_that_are_no_squares_become_squares(pairs: Path, edit_zip: Edit) -> None:
    wide = np.zeros((3, 20, 80), np.uint8)
    edit_zip(pairs / "kv2.zip", {_first(pairs, "kv2.zip", "/office/"): image_bytes(wide)})
    assert _open(pairs).modalities["RGB"].shape == (30, 3, SIZE, SIZE)


def test_coloured_depth_is_refused_unless_chosen(pairs: Path, edit_zip: Edit) -> None:
    both = np.zeros((3, SIZE, 2 * SIZE), np.uint8)
    both[0, :, SIZE:], both[1, :, SIZE:] = 90, 60
    edit_zip(pairs / "kv2.zip", {_first(pairs, "kv2.zip", "/office/"): image_bytes(both)})
    with pytest.raises(UserError, match=r"kv2/office/.*right half is coloured.*colour_depth"):
        _open(pairs)
    assert (_open(pairs, colour_depth="first").modalities["DEPTH"] == 90).all((1, 2, 3)).any()
    assert (_open(pairs, colour_depth="mean").modalities["DEPTH"] == 50).all((1, 2, 3)).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kv2/offices/1.png": b""}, r"kv2/offices/1\.png .* nearest valid name is 'office'"),
        ({"kv2/office/1.png": b""}, r"office/1\.png is in .*kv2\.zip but not in .*kv2\.txt"),
        ({"kv2/kitchen/FIRST": b""}, r"kv2\.zip mixes two distributions: .*expected each id once"),
    ],
)
def test_pairs_of_unknown_classes_or_that_no_list_names(
    pairs: Path, edit_zip: Edit, changes: dict[str, bytes], message: str
) -> None:
    first = _first(pairs, "kv2.zip", "/office/").split("/")[-1]
    named = {name.replace("FIRST", first): content for name, content in changes.items()}
    edit_zip(pairs / "kv2.zip", named)
    with pytest.raises(UserError, match=message):
        _open(pairs)


def test_corrupt_and_foreign_images(release: Path, edit_zip: Edit) -> None:
    name = _first(release, "SUNRGBD.zip", "/depth_bfx/")
    edit_zip(release / "SUNRGBD.zip", {name: b"\x89PNG damaged"})
    with pytest.raises(UserError, match=r"cannot decode .*SUNRGBD\.zip: .*depth_bfx"):
        _open(release)
    edit_zip(release / "SUNRGBD.zip", {name: image_bytes(np.zeros((1, 8, 8), np.uint8))})
    with pytest.raises(UserError, match=r"mode L, expected 16-bit grey"):
        _open(release)
    edit_zip(release / "SUNRGBD.zip", {name: None})
    with pytest.raises(UserError, match=r"no image in kv2/.*/depth_bfx/"):
        _open(release)


def test_truncated_image(pairs: Path, edit_zip: Edit) -> None:
    name = _first(pairs, "kv2.zip", "/office/")
    with zipfile.ZipFile(pairs / "kv2.zip") as archive:
        content = archive.read(name)
    edit_zip(pairs / "kv2.zip", {name: content[: len(content) // 2]})
    with pytest.raises(UserError, match=r"cannot decode .*kv2/office"):
        _open(pairs)


def test_odd_width(pairs: Path, edit_zip: Edit) -> None:
    odd = image_bytes(np.zeros((3, 8, 15), np.uint8))
    edit_zip(pairs / "kv2.zip", {_first(pairs, "kv2.zip", "/office/"): odd})
    with pytest.raises(UserError, match="width of 15 pixels, expected an even one"):
        _open(pairs)


def test_both_layouts_at_once_and_lists_that_are_missing(release: Path) -> None:
    (release / "mapping.txt").unlink()
    with pytest.raises(UserError, match=r"no file .*mapping\.txt; .* needs the lists"):
        _open(release)
    write_sunrgbd_pairs(release, samples_per_class=3)
    with pytest.raises(UserError, match=r"two distributions of the same data, .*SUNRGBD\.zip and"):
        _open(release)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("kv2/office/1.png 8\nkv2/office/2.jpg 8\n", r"line 2: found 'kv2/office/2\.jpg 8'"),
        ("kv2/office/1.png 3\n", "class office has label 3, expected 8"),
        ("kv2/offise/1.png 8\n", "unknown class 'offise': the nearest valid name is 'office'"),
        ("kv2/office/1.png 8\nkv2/kitchen/1.png 7\n", r"1\.png comes twice"),
    ],
)
def test_bad_lists(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "kv2.txt").write_text(text)
    with pytest.raises(UserError, match=message):
        read_subset(tmp_path / "kv2.txt", CARD.class_names)
    (tmp_path / "mapping.txt").write_text("NEW -> ORIGINAL\nkv2 :  2105\n")
    with pytest.raises(UserError, match="no line of the form"):
        read_mapping(tmp_path / "mapping.txt")


def test_real_lists_name_the_published_pairs(material: Path) -> None:
    lists = material / "data" / "sunrgbd_lists"
    entries = read_subset(lists / "kv2.txt", CARD.class_names)
    assert len(entries) == CARD.samples == 2105
    counts = np.bincount([entry.label for entry in entries])
    assert dict(zip(CARD.class_names, counts.tolist(), strict=True)) == CARD.class_counts
    frames = read_mapping(lists / "mapping.txt")
    assert len(frames) == 6348
    sensors = [frames[entry.id].rsplit("/", 1)[0] for entry in entries]
    assert sensors.count("kv2/kinect2data") == 1879
    assert sensors.count("kv2/align_kv2") == 226
    assert len({frames[entry.id] for entry in entries}) == 2105


def test_real_lists_find_every_frame_of_a_release(material: Path, tmp_path: Path) -> None:
    lists = material / "data" / "sunrgbd_lists"
    for name in ("kv2.txt", "mapping.txt"):
        shutil.copy(lists / name, tmp_path)
    depth = image_bytes(rotate_depth(np.full((1, 8, 8), 2000, np.uint16)))
    colour = image_bytes(np.full((3, 8, 8), 100, np.uint8), "JPEG")
    frames = read_mapping(lists / "mapping.txt")
    with zipfile.ZipFile(tmp_path / "SUNRGBD.zip", "w") as archive:
        for frame in sorted(set(frames.values())):
            archive.writestr(f"SUNRGBD/{frame}/image/a.jpg", colour)
            archive.writestr(f"SUNRGBD/{frame}/depth_bfx/a.png", depth)
    dataset = open_dataset(DatasetSource("published", "sunrgbd", tmp_path, image_size=8))
    assert np.bincount(dataset.labels).tolist() == list(CARD.class_counts.values())
    assert dataset.notes == ()


def test_the_stand_in_stores_16_bits(release: Path) -> None:
    with zipfile.ZipFile(release / "SUNRGBD.zip") as archive:
        name = _first(release, "SUNRGBD.zip", "/depth/")
        assert Image.open(archive.open(name)).mode == "I;16"
