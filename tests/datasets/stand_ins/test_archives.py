"""Miniature data goes through stand-in archives: the same every time, whole or nothing."""

import hashlib
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import CARDS, DatasetSource, open_dataset
from datasets.splits import OFFICIAL_SPLIT
from datasets.stand_ins.archives import ARCHIVE_WRITERS, ensure_archives
from datasets.stand_ins.miniature import NOTE, SIZE
from datasets.stand_ins.sunrgbd import write_sunrgbd_release

ARCHIVES = {
    "sunrgbd": {"kv2.zip", "kv2.txt"},
    "eurosat_ms_sar": {"EuroSAT_MS.zip", "EuroSAT-SAR.zip"},
    "tristar": {"tristar.zip"},
    "nyu_depth_v2": {"nyu_depth_v2_labeled.mat", "splits.mat", "classMapping40.mat"},
    "potsdam": {"3_Ortho_IRRG.zip", "1_DSM_normalisation.zip", "5_Labels_all.zip"},
    "midair": {"MidAir.zip"},
}
CHOICES = {"potsdam": (("crops", "1"),)}
SIZES = {"nyu_depth_v2": (48, 64), "potsdam": (64, 64), "midair": (64, 64)}


@pytest.mark.parametrize("name", ARCHIVE_WRITERS)
def test_miniature_data_comes_from_prepared_archives(name: str, tmp_path: Path) -> None:
    source = DatasetSource("miniature", name, tmp_path)
    dataset = open_dataset(source)
    card = CARDS.get(name)
    assert dataset.name == f"{name}_miniature"
    official = (OFFICIAL_SPLIT,) if dataset.official_test is not None else ()
    assert dataset.notes == (NOTE, *official)
    assert dataset.channels == card.modalities
    assert dataset.class_names == card.class_names
    assert all(isinstance(images, np.memmap) for images in dataset.modalities.values())
    size = SIZES.get(name, (SIZE, SIZE))
    assert all(images.shape[2:] == size for images in dataset.modalities.values())
    home = tmp_path / "miniature" / name
    assert {path.name for path in home.iterdir() if path.suffix} >= ARCHIVES[name]
    start = time.perf_counter()
    assert open_dataset(source).fingerprint == dataset.fingerprint
    assert time.perf_counter() - start < 1


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    def digests(folder: Path) -> dict[str, str]:
        folder.mkdir()
        ARCHIVE_WRITERS["tristar"](folder)
        write_sunrgbd_release(folder, samples_per_class=3)
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}

    assert digests(tmp_path / "first") == digests(tmp_path / "second")


def test_archives_of_another_version_or_broken_off_are_written_anew(tmp_path: Path) -> None:
    home = ensure_archives("tristar", tmp_path)
    written = (home / "tristar.zip").stat().st_mtime_ns
    assert ensure_archives("tristar", tmp_path) == home
    assert (home / "tristar.zip").stat().st_mtime_ns == written
    (home / "twin.txt").write_text("0")
    (home / "prepared").mkdir()
    (tmp_path / "miniature" / ".tristar.partial").mkdir()
    ensure_archives("tristar", tmp_path)
    assert (home / "tristar.zip").stat().st_mtime_ns != written
    assert not (home / "prepared").exists()
    assert not (tmp_path / "miniature" / ".tristar.partial").exists()


def test_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "miniature").write_text("in the way")
    with pytest.raises(UserError, match="cannot write to .*miniature"):
        open_dataset(DatasetSource("miniature", "tristar", tmp_path))


def test_colour_of_tristar(tmp_path: Path) -> None:
    modalities = ("THERMAL", "DEPTH", "RGB")
    dataset = open_dataset(DatasetSource("miniature", "tristar", tmp_path, modalities=modalities))
    assert dataset.channels == {"THERMAL": 1, "DEPTH": 1, "RGB": 3}


def test_stand_in_archives_serve_as_published_data(tmp_path: Path) -> None:
    for name in ARCHIVE_WRITERS:
        home = ensure_archives(name, tmp_path)
        for archive in ARCHIVES[name]:
            shutil.copy(home / archive, tmp_path)
    for name in ARCHIVE_WRITERS:
        size = SIZES.get(name, (SIZE, SIZE))[0]
        choices = CHOICES.get(name, ())
        source = DatasetSource("published", name, tmp_path, size, choices=choices)
        dataset = open_dataset(source)
        miniature = open_dataset(DatasetSource("miniature", name, tmp_path))
        assert dataset.fingerprint == miniature.fingerprint
        assert dataset.name == name
