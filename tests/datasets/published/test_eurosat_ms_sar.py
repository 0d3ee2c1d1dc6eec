"""EuroSAT-MS-SAR from its archives: pairs by name, exact values, and every way to be wrong."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetNotFoundError, UserError
from datasets import Dataset, DatasetSource, open_dataset
from datasets.published.eurosat_ms_sar import CARD
from datasets.stand_ins.eurosat_ms_sar import MS_NESTINGS, write_eurosat
from datasets.stand_ins.files import tiff_bytes
from datasets.stand_ins.miniature import make_miniature

MS, SAR = "EuroSAT_MS.zip", "EuroSAT-SAR.zip"
INFINITE = np.full((2, 64, 64), -np.inf, np.float32)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eurosat")
    write_eurosat(folder, samples_per_class=3)
    return folder


@pytest.fixture
def data(archives: Path, tmp_path: Path) -> Path:
    for name in (MS, SAR):
        shutil.copy(archives / name, tmp_path)
    return tmp_path


def _open(folder: Path, image_size: int | None = None) -> Dataset:
    return open_dataset(DatasetSource("published", "eurosat_ms_sar", folder, image_size))


def _assert_as_generated(dataset: Dataset) -> None:
    """Equal to what the archives were written from, in the order of classes and numbers."""
    expected = make_miniature(CARD, samples_per_class=3, size=64)
    assert dataset.labels.tolist() == expected.labels.tolist()
    for name, images in expected.modalities.items():
        assert dataset.modalities[name].dtype == images.dtype
        assert np.array_equal(dataset.modalities[name], images)


def test_pairs_are_joined_by_name_in_whatever_order_the_archives_list_them(data: Path) -> None:
    with zipfile.ZipFile(data / MS) as ms, zipfile.ZipFile(data / SAR) as sar:
        listed = [[name.split("/")[-1] for name in zipped.namelist()] for zipped in (ms, sar)]
    assert listed[0] != listed[1] != sorted(listed[1])
    dataset = _open(data)
    _assert_as_generated(dataset)
    assert dataset.modalities["MS"].dtype == np.uint16
    assert dataset.modalities["SAR"].dtype == np.float16
    assert dataset.notes == ("30 pairs found, the publication counts 27000",)


def test_older_nesting_extracted_folders_and_own_subfolder_give_the_same(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = _open(data).fingerprint
    older = tmp_path_factory.mktemp("older")
    write_eurosat(older, samples_per_class=3, ms_nesting=MS_NESTINGS[1])
    assert (older / "EuroSATallBands.zip").is_file()
    assert _open(older).fingerprint == expected
    extracted = tmp_path_factory.mktemp("extracted")
    for name in (MS, SAR):
        with zipfile.ZipFile(data / name) as archive:
            archive.extractall(extracted / "eurosat_ms_sar")
    assert _open(extracted).fingerprint == expected


def test_resizing_is_an_option_of_its_own(data: Path) -> None:
    small, full = _open(data, image_size=16), _open(data)
    assert small.modalities["MS"].shape == (30, 13, 16, 16)
    assert small.modalities["MS"].dtype == np.uint16
    assert small.fingerprint != full.fingerprint


@pytest.mark.parametrize(
    ("archive", "changes", "message"),
    [
        (
            MS,
            {"EuroSAT_MS/River/River_2.tif": tiff_bytes(np.zeros((12, 64, 64), np.uint16))},
            r"EuroSAT_MS\.zip: .*River_2\.tif: found 12 bands .* expected 13 bands of 64 x 64",
        ),
        (
            MS,
            {"EuroSAT_MS/River/River_2.tif": tiff_bytes(np.zeros((13, 64, 63), np.uint16))},
            r"River_2\.tif: found 13 bands of 64 x 63 pixels",
        ),
        (
            MS,
            {"EuroSAT_MS/River/River_2.tif": tiff_bytes(np.zeros((13, 64, 64), np.float32))},
            r"River_2\.tif: found .* float32, expected .* uint16",
        ),
        (MS, {"EuroSAT_MS/River/River_2.tif": b"II*\x00damaged"}, r"cannot decode .*River_2\.tif"),
        (
            MS,
            {"EuroSAT_MS/River/River_2.tif": tiff_bytes(np.zeros((13, 64, 64), np.uint16))[:9000]},
            r"cannot decode .*River_2\.tif .* damaged",
        ),
        (
            SAR,
            {
                "EuroSAT-SAR/River/River_2.tif": tiff_bytes(
                    np.full((2, 64, 64), -np.inf, np.float32)
                )
            },
            r"EuroSAT-SAR\.zip: .*River_2\.tif: found NaN, infinite",
        ),
        (
            MS,
            {"EuroSAT_MS/River/River_2.tif": None},
            r"EuroSAT-SAR\.zip: .*River_2\.tif has no MS partner River/River_2\.tif in .*MS\.zip",
        ),
        (
            SAR,
            {"EuroSAT-SAR/River/River_2.tif": None},
            r"EuroSAT_MS\.zip: .*River_2\.tif has no SAR partner",
        ),
        (
            MS,
            {"EuroSAT_MS/Rivers/River_9.tif": b""},
            r"Rivers/River_9\.tif .* not one of the 10 classes: the nearest valid name is 'River'",
        ),
        (
            MS,
            {"ds/tif/River/River_1.tif": b""},
            r"EuroSAT_MS\.zip mixes two distributions: .*EuroSAT_MS/.* beside ds/tif",
        ),
    ],
)
def test_bad_content_is_refused_and_leaves_no_cache(
    data: Path,
    edit_zip: Callable[..., None],
    archive: str,
    changes: dict[str, bytes | None],
    message: str,
) -> None:
    edit_zip(data / archive, changes)
    with pytest.raises(UserError, match=message) as refusal:
        _open(data)
    assert "\n" not in str(refusal.value)
    assert not [path for path in (data / "prepared").iterdir() if path.is_dir()]


def test_archives_under_each_others_name_and_without_images(data: Path) -> None:
    (data / MS).rename(data / "other.zip")
    (data / SAR).rename(data / MS)
    (data / "other.zip").rename(data / SAR)
    with pytest.raises(UserError, match=r"EuroSAT_MS\.zip: .* found 2 bands"):
        _open(data)
    with zipfile.ZipFile(data / MS, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(UserError, match=r"EuroSAT_MS\.zip: found no GeoTIFF"):
        _open(data)


def test_two_archives_for_one_role(data: Path) -> None:
    shutil.copy(data / MS, data / "EuroSATallBands.zip")
    with pytest.raises(UserError, match=r"both .*EuroSAT_MS\.zip and .*EuroSATallBands\.zip"):
        _open(data)


def test_missing_archives_say_which_and_where_to(data: Path) -> None:
    (data / SAR).unlink()
    with pytest.raises(
        DatasetNotFoundError, match=r"found .*EuroSAT_MS\.zip but no EuroSAT-SAR\.zip"
    ):
        _open(data)
    (data / MS).unlink()
    with pytest.raises(DatasetNotFoundError, match=r"is missing: .*zenodo.*--smoke") as refusal:
        _open(data)
    assert "\n" not in str(refusal.value)


def test_truncated_archive(data: Path) -> None:
    content = (data / SAR).read_bytes()
    (data / SAR).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=r"cannot read .*EuroSAT-SAR\.zip as a zip archive"):
        _open(data)
