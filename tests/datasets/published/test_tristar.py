"""TRISTAR from its archive: states, both forms of actions.txt, shots as groups, bad input."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import Dataset, DatasetSource, make_split, open_dataset
from datasets.preparing.cache import read_meta
from datasets.preparing.preparation import find_prepared
from datasets.preparing.readers import PreparationOptions
from datasets.published.tristar import CARD
from datasets.stand_ins.files import image_bytes
from datasets.stand_ins.tristar import SIZE, write_tristar

Edit = Callable[..., None]
SHOT = "tristar/train/shot_00"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_tristar(tmp_path, samples_per_class=6)
    return tmp_path


def _open(folder: Path, modalities: tuple[str, ...] | None = None) -> Dataset:
    return open_dataset(DatasetSource("published", "tristar", folder, SIZE, modalities))


def _members(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / "tristar.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_frame_belongs_to_the_data_iff_exactly_one_state_holds(data: Path) -> None:
    dataset = _open(data)
    assert np.bincount(dataset.labels).tolist() == [6] * 6
    assert dataset.channels == {"THERMAL": 1, "DEPTH": 1}
    assert all(images.dtype == np.uint16 for images in dataset.modalities.values())
    folder = find_prepared("tristar", data, PreparationOptions(image_size=SIZE))
    assert folder is not None
    meta = read_meta(folder)
    assert meta is not None
    assert len(meta.skipped) == 24  # in each of 12 shots one frame without and one with two states
    assert "train/shot_00, frame 4: 2 states hold, expected one" in meta.skipped


def test_each_image_keeps_its_frame_and_label(data: Path, edit_zip: Edit) -> None:
    members = _members(data)
    lines = members[f"{SHOT}/actions.txt"].decode().splitlines()
    name, state = next(line.split()[:2] for line in lines if line.split()[1] in CARD.class_names)
    values = {"thermal": 29_903, "depth": 4321}
    edit_zip(
        data / "tristar.zip",
        {
            f"{SHOT}/{folder}/{name}": image_bytes(np.full((1, 24, 32), value, np.uint16))
            for folder, value in values.items()
        },
    )
    dataset = _open(data)
    thermal, depth = (dataset.modalities[name] for name in ("THERMAL", "DEPTH"))
    (index,) = np.flatnonzero((thermal == 29_903).all(axis=(1, 2, 3)))
    assert (depth[index] == 4321).all()
    assert CARD.class_names[dataset.labels[index]] == state
    assert dataset.groups is not None
    assert dataset.groups[index] == "train/shot_00"


def test_groups_are_shots_and_stay_together(data: Path) -> None:
    dataset = _open(data)
    assert dataset.groups is not None
    assert len(set(dataset.groups.tolist())) == 12
    split = make_split(dataset.labels, dataset.groups, "by_group", 0)
    train, test = (set(dataset.groups[part].tolist()) for part in (split.train, split.test))
    assert not train & test


def test_integers_give_the_same_as_words_and_a_folder_as_the_archive(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = _open(data).fingerprint
    integers = tmp_path_factory.mktemp("integers")
    write_tristar(integers, samples_per_class=6, labels_as="integers")
    assert _open(integers).fingerprint == expected
    extracted = tmp_path_factory.mktemp("extracted")
    with zipfile.ZipFile(data / "tristar.zip") as archive:
        archive.extractall(extracted)
    assert _open(extracted).fingerprint == expected
    shutil.rmtree(extracted / "prepared")
    (extracted / "tristar").rename(extracted / "inner")
    (extracted / "tristar").mkdir()
    (extracted / "inner").rename(extracted / "tristar" / "tristar")
    assert _open(extracted).fingerprint == expected


def test_colour_is_read_only_when_asked_for(data: Path) -> None:
    dataset = _open(data, ("RGB", "DEPTH", "THERMAL"))
    assert dataset.channels == {"THERMAL": 1, "DEPTH": 1, "RGB": 3}
    assert dataset.modalities["RGB"].dtype == np.uint8
    with pytest.raises(UserError, match="no modality 'RBG': the .* names are .*'RGB'"):
        _open(data, ("RBG", "DEPTH"))


def test_sensors_with_clocks_of_their_own_are_paired_by_frame_number(
    data: Path, edit_zip: Edit
) -> None:
    expected = _open(data).fingerprint
    renamed: dict[str, bytes | None] = {}
    for name, content in _members(data).items():
        if "/depth/" in name:
            renamed |= {name: None, name.replace(".png", "7.png"): content}
    edit_zip(data / "tristar.zip", renamed)
    shutil.rmtree(data / "prepared")
    assert _open(data).fingerprint == expected


def test_a_frame_without_partner_is_left_out_and_recorded(data: Path, edit_zip: Edit) -> None:
    lines = _members(data)[f"{SHOT}/actions.txt"].decode().splitlines()
    name = next(line.split()[0] for line in lines if line.split()[1] in CARD.class_names)
    edit_zip(data / "tristar.zip", {f"{SHOT}/depth/{name}": None})
    assert len(_open(data)) == 35
    folder = find_prepared("tristar", data, PreparationOptions(image_size=SIZE))
    assert folder is not None
    meta = read_meta(folder)
    assert meta is not None
    assert f"train/shot_00, frame {name.split('_')[0]}: no image in depth" in meta.skipped


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions.txt": b""}, r"tristar\.zip: .*shot_00/actions\.txt is empty"),
        ({"actions.txt": b" \n\n"}, r"actions\.txt is empty"),
        ({"actions.txt": None}, r"found no train/shot_00/actions\.txt"),
        ({"actions.txt": b"\xff\xfe\x00"}, r"actions\.txt is not text"),
        ({"actions.txt": b"0_1.png sitt"}, r"unknown label 'sitt' of frame 0_1\.png: .*'sit'"),
        ({"actions.txt": b"0_1.png sit\n0_1.png sit"}, r"0_1\.png comes twice"),
        ({"actions.txt": b"5\n6\n"}, r"found 2 lines for 5 frames"),
        ({"actions.txt": b"5\n6\n7\n14\n5"}, r"found label 14, expected 0 to 13"),
        ({"depth/0_9.png": b""}, r"tristar\.zip mixes two distributions: found .*/depth/0_"),
    ],
)
def test_bad_shots(
    data: Path, edit_zip: Edit, changes: dict[str, bytes | None], message: str
) -> None:
    edit_zip(data / "tristar.zip", {f"{SHOT}/{name}": content for name, content in changes.items()})
    with pytest.raises(UserError, match=message) as refusal:
        _open(data)
    assert "\n" not in str(refusal.value)


def test_another_archive_and_one_without_states(data: Path) -> None:
    archive = data / "tristar.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("EuroSAT-SAR/River/River_1.tif", b"")
    with pytest.raises(UserError, match=r"found no \{train,val,test\}/<shot>/"):
        _open(data)
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(f"{SHOT}/actions.txt", b"0_1.png drink in_room")
        opened.writestr(f"{SHOT}/depth/0_1.png", b"")
    with pytest.raises(UserError, match="found no frame with exactly one of the states"):
        _open(data)


def test_8_bit_thermal_is_refused(data: Path, edit_zip: Edit) -> None:
    names = [name for name in _members(data) if f"{SHOT}/thermal/" in name]
    grey = image_bytes(np.zeros((1, 8, 8), np.uint8))
    edit_zip(data / "tristar.zip", dict.fromkeys(names, grey))
    with pytest.raises(UserError, match=r"/thermal/.*: found an image of mode L, expected 16-bit"):
        _open(data)
