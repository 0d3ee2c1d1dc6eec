"""The TerraMesh chips give the published patches, and chips that are missing are named."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import CARDS, DatasetSource, make_split, open_dataset
from datasets.published.terramesh_chips import CARD, CHIPS
from datasets.stand_ins.files import tiff_bytes


@pytest.fixture
def chips(material: Path, tmp_path: Path) -> Path:
    shutil.copytree(material / "data" / "terramesh_chips", tmp_path / CARD.name)
    return tmp_path


def _source(folder: Path) -> DatasetSource:
    return DatasetSource("published", CARD.name, folder)


def test_real_chips_give_the_reference_patches(chips: Path, material: Path) -> None:
    dataset = open_dataset(_source(chips))
    assert len(dataset) == CARD.samples == 2806
    assert dataset.notes == ()
    with np.load(material / "data" / "terramesh_s2_s1.npz") as reference:
        assert np.array_equal(dataset.labels, reference["labels"])
        assert dataset.class_names == tuple(reference["class_names"].tolist())
        for name in ("S2", "S1"):
            assert dataset.modalities[name].dtype == reference[name].dtype
            assert np.array_equal(dataset.modalities[name], reference[name])
        assert dataset.groups is not None
        both = set(zip(dataset.groups.tolist(), reference["groups"].tolist(), strict=True))
        assert len(both) == len(set(dataset.groups.tolist())) == 80
    counts = np.bincount(dataset.labels).tolist()
    assert dict(zip(dataset.class_names, counts, strict=True)) == CARD.class_counts
    assert dataset.channels == CARD.modalities
    assert dataset.modalities["DEM"].dtype == np.int16
    make_split(dataset.labels, dataset.groups, "by_group", 0)


def test_embedded_chips_are_read_where_the_folder_has_none(tmp_path: Path) -> None:
    dataset = open_dataset(_source(tmp_path))
    assert len(dataset) == CARD.samples
    assert dataset.fingerprint == "0ece5cc5166a03743f3f"
    assert CARD.embedded is not None
    assert "CC-BY-SA-4.0" in (CARD.embedded / "LICENSE.md").read_text()


def test_embedded_chips_have_the_fingerprint_of_the_official_ones(
    chips: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nothing = tmp_path_factory.mktemp("nothing")
    for modalities in (None, ("S2", "S1")):
        official = DatasetSource("published", CARD.name, chips, modalities=modalities)
        embedded = DatasetSource("published", CARD.name, nothing, modalities=modalities)
        assert open_dataset(embedded).fingerprint == open_dataset(official).fingerprint


def test_damaged_embedded_chip_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CARD.embedded is not None
    copy = shutil.copytree(CARD.embedded, tmp_path / "embedded")
    damaged = copy / "LULC" / f"{CHIPS[1]}.npy.xz"
    damaged.write_bytes(damaged.read_bytes()[:100])
    damaged_card = replace(CARD, embedded=copy)
    monkeypatch.setattr("datasets.published.terramesh_chips.CARD", damaged_card)
    monkeypatch.setattr(CARDS, "get", {CARD.name: damaged_card}.__getitem__)
    with pytest.raises(UserError, match=rf"cannot decode .*LULC/{CHIPS[1]}\.npy\.xz"):
        open_dataset(_source(tmp_path))


def test_card_knows_every_real_file(chips: Path) -> None:
    for remote in CARD.archives:
        content = (chips / CARD.name / remote.name).read_bytes()
        assert len(content) == remote.size
        assert hashlib.sha256(content).hexdigest() == remote.sha256
    assert sum(remote.size or 0 for remote in CARD.archives) < 12e6


def _write_chips(folder: Path, size: int = 224) -> None:
    cover = np.full((1, size, size), 4, np.uint8)
    for index, code in enumerate((1, 2, 5, 6, 7, 9)):
        cover[:, :, 28 * index : 28 * index + 28] = code
    images = {
        "S2L2A": np.zeros((12, size, size), np.int16),
        "S1RTC": np.full((2, size, size), -12.3, np.float64),
        "DEM": np.zeros((1, size, size), np.int16),
        "LULC": cover,
    }
    for name, image in images.items():
        (folder / CARD.name / name).mkdir(parents=True)
        for chip in CHIPS:
            (folder / CARD.name / name / f"{chip}.tif").write_bytes(tiff_bytes(image))


def test_missing_chips_are_named_with_their_address(tmp_path: Path) -> None:
    _write_chips(tmp_path)
    assert len(open_dataset(_source(tmp_path))) > 1000
    shutil.rmtree(tmp_path / "prepared")
    (tmp_path / CARD.name / "S1RTC" / f"{CHIPS[2]}.tif").unlink()
    with pytest.raises(UserError, match=rf"no file .*S1RTC/{CHIPS[2]}\.tif, .* https://raw\."):
        open_dataset(_source(tmp_path))


def test_chips_of_another_size_or_with_gaps(tmp_path: Path) -> None:
    _write_chips(tmp_path)
    gaps = np.full((2, 224, 224), np.nan)
    (tmp_path / CARD.name / "S1RTC" / f"{CHIPS[0]}.tif").write_bytes(tiff_bytes(gaps))
    with pytest.raises(UserError, match=r"S1RTC/.*\.tif: found NaN"):
        open_dataset(_source(tmp_path))
    small = np.zeros((1, 100, 100), np.uint8)
    (tmp_path / CARD.name / "LULC" / f"{CHIPS[0]}.tif").write_bytes(tiff_bytes(small))
    with pytest.raises(UserError, match=r"LULC/.*\.tif: found 1 bands of 100 x 100 .* 224 x 224"):
        open_dataset(_source(tmp_path))
