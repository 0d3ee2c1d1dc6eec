"""Preparation is whole or nothing: interruption, versions, damage, options, progress."""

import json
import logging
import multiprocessing
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

import datasets.preparing.preparation as preparation
from core.errors import DatasetNotFoundError, UserError
from datasets import DatasetSource, open_dataset
from datasets.preparing.cache import StaleCacheError
from datasets.preparing.preparation import cache_folder, find_prepared, open_prepared, prepare
from datasets.preparing.readers import PreparationOptions
from datasets.stand_ins.tristar import write_tristar

OPTIONS = PreparationOptions(image_size=16)
SOURCE_KEYS = {"format", "name", "options", "sources", "fingerprint", "skipped"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_tristar(tmp_path, samples_per_class=6)
    return tmp_path


def _prepare(data: Path) -> Path:
    return prepare("tristar", data, OPTIONS)


def test_arrays_are_memory_mapped_and_described(data: Path) -> None:
    assert find_prepared("tristar", data, OPTIONS) is None
    folder = _prepare(data)
    assert folder == find_prepared("tristar", data, OPTIONS)
    assert folder.parent == data / "prepared"
    names = {path.name for path in folder.iterdir()}
    assert names == {"THERMAL.npy", "DEPTH.npy", "labels.npy", "groups.npy", "meta.json"}
    dataset = open_prepared(folder)
    for images in dataset.modalities.values():
        assert isinstance(images, np.memmap)
        assert not images.flags.writeable
    meta = json.loads((folder / "meta.json").read_text())
    assert meta.keys() >= SOURCE_KEYS
    assert meta["class_counts"] == [6] * 6
    assert meta["sources"] == ["tristar.zip"]


def test_prepared_data_needs_no_archive_and_is_not_prepared_twice(data: Path) -> None:
    folder = _prepare(data)
    before = (folder / "meta.json").stat().st_mtime_ns
    (data / "tristar.zip").unlink()
    assert _prepare(data) == folder
    assert (folder / "meta.json").stat().st_mtime_ns == before
    assert len(open_dataset(DatasetSource("published", "tristar", data, 16))) == 36


def test_prepared_data_opens_where_nothing_can_be_written(data: Path) -> None:
    folder = _prepare(data)
    for lock in (data / "prepared").glob(".*.lock"):
        lock.unlink()
        lock.mkdir()  # opening it to write fails, as on a read-only disk
    assert _prepare(data) == folder
    assert len(open_dataset(DatasetSource("published", "tristar", data, 16))) == 36


def test_same_content_and_options_same_fingerprint_wherever(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    shutil.copy(data / "tristar.zip", other)
    first, second = open_prepared(_prepare(data)), open_prepared(_prepare(other))
    assert first.fingerprint == second.fingerprint
    larger = open_prepared(prepare("tristar", data, PreparationOptions(image_size=20)))
    assert larger.fingerprint != first.fingerprint
    assert larger.modalities["DEPTH"].shape == (36, 1, 20, 20)


def test_progress_counts_every_pair(data: Path) -> None:
    seen: list[tuple[int, int]] = []
    prepare("tristar", data, OPTIONS, lambda done, total: seen.append((done, total)))
    assert seen == [(count, 36) for count in range(1, 37)]


def test_interrupted_preparation_leaves_nothing_that_looks_whole(data: Path) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("tristar", data, OPTIONS, interrupt)
    assert find_prepared("tristar", data, OPTIONS) is None
    assert not [path for path in (data / "prepared").iterdir() if path.is_dir()]
    assert len(open_prepared(_prepare(data))) == 36


def _die_half_way(data: Path) -> None:
    def die(done: int, _: int) -> None:
        if done == 20:
            signal.raise_signal(signal.SIGKILL)

    prepare("tristar", data, OPTIONS, die)


def test_killed_preparation_is_cleaned_up_at_the_next_start(data: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die_half_way, args=(data,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    partial = cache_folder("tristar", data, OPTIONS)
    partial = partial.with_name(f".{partial.name}.partial")
    assert (partial / "DEPTH.npy").is_file()
    assert find_prepared("tristar", data, OPTIONS) is None
    assert len(open_prepared(_prepare(data))) == 36
    assert not partial.exists()


def _age(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "format": 0}))


def test_cache_of_another_version_is_rebuilt_or_refused(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = _prepare(data)
    _age(folder)
    with pytest.raises(StaleCacheError, match="cache format 0, expected 1"):
        find_prepared("tristar", data, OPTIONS)
    with caplog.at_level(logging.WARNING):
        assert len(open_dataset(DatasetSource("published", "tristar", data, 16))) == 36
    assert "is of another cache format and is prepared anew" in caplog.text
    _age(folder)
    (data / "tristar.zip").unlink()
    with pytest.raises(StaleCacheError, match="put the archives into the data folder"):
        open_dataset(DatasetSource("published", "tristar", data, 16))


def test_unknown_names_get_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'tristar'"):
        cache_folder("tristarr", tmp_path)
    with pytest.raises(UserError, match="no option 'dept': .*'depth'"):
        cache_folder("sunrgbd", tmp_path, PreparationOptions(choices=(("dept", "depth"),)))
    with pytest.raises(UserError, match="'depth_bf' of option depth: .*'depth_bfx'"):
        cache_folder("sunrgbd", tmp_path, PreparationOptions(choices=(("depth", "depth_bf"),)))
    with pytest.raises(UserError, match="holds no prepared data"):
        open_prepared(tmp_path)


def test_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "prepared").write_text("in the way")
    with pytest.raises(UserError, match="cannot write to .*prepared.*--data"):
        prepare("tristar", tmp_path, OPTIONS)


def test_full_disk_is_one_sentence_and_leaves_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "labels.npy")

    monkeypatch.setattr(preparation, "save_per_sample", full)
    with pytest.raises(UserError, match=r"cannot write labels\.npy \(No space left on device\)"):
        _prepare(data)
    assert not [path for path in (data / "prepared").iterdir() if path.is_dir()]


def test_nothing_to_prepare(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match=r"TRISTAR is missing: found no tristar\.zip"):
        prepare("tristar", tmp_path, OPTIONS)


def test_class_without_samples(data: Path) -> None:
    shutil.rmtree(data / "prepared", ignore_errors=True)
    write_tristar(data, samples_per_class=2)
    with pytest.raises(UserError, match=r"tristar\.zip: class 0 has 2 samples, but at least 3"):
        _prepare(data)
