"""Prepared data on disk: written with little memory, and refused where it is damaged."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets import DatasetSource, open_dataset
from datasets.preparing.cache import ArrayFacts, ArrayWriter
from datasets.preparing.preparation import open_prepared, prepare
from datasets.preparing.readers import PreparationOptions
from datasets.stand_ins.tristar import write_tristar

OPTIONS = PreparationOptions(image_size=16)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_tristar(tmp_path, samples_per_class=6)
    return tmp_path


def _prepare(data: Path) -> Path:
    return prepare("tristar", data, OPTIONS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("meta.json", b"{", r"cannot read .*meta\.json"),
        ("meta.json", b'{"format": 1}', r"cannot read .*meta\.json"),
        ("DEPTH.npy", b"", r"cannot read .*DEPTH\.npy"),
        ("labels.npy", None, r"cannot read .*labels\.npy"),
    ],
)
def test_damaged_caches_are_refused(
    data: Path, name: str, content: bytes | None, message: str
) -> None:
    folder = _prepare(data)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{message}.*delete the folder"):
        open_dataset(DatasetSource("published", "tristar", data, 16))


def test_arrays_of_another_shape_are_refused(data: Path) -> None:
    folder = _prepare(data)
    np.save(folder / "DEPTH.npy", np.zeros((35, 1, 16, 16), np.uint16))
    with pytest.raises(UserError, match=r"DEPTH\.npy has shape \(35, 1, 16, 16\)"):
        open_prepared(folder)
    _prepare(data)
    np.save(folder / "DEPTH.npy", np.zeros((36, 1, 16, 16), np.uint16))
    np.save(folder / "labels.npy", np.zeros(35, np.int64))
    with pytest.raises(UserError, match=r"labels\.npy has shape \(35,\), expected \(36,\)"):
        open_prepared(folder)


def test_writer_unmaps_what_is_written_and_takes_only_what_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.preparing.cache._UNMAP_EVERY", 100)
    expected = np.arange(10 * 3 * 4 * 4, dtype=np.uint16).reshape(10, 3, 4, 4)
    facts = ArrayFacts(type="uint16", shape=(10, 3, 4, 4))
    writer = ArrayWriter(tmp_path / "x.npy", facts)
    with pytest.raises(ValueError, match="expected"):
        writer.append(expected[:1].astype(np.int16))
    for start in range(0, 10, 2):
        writer.append(expected[start : start + 2])
    writer.close()
    assert np.array_equal(np.load(tmp_path / "x.npy"), expected)
    incomplete = ArrayWriter(tmp_path / "y.npy", facts)
    with pytest.raises(ValueError, match="0 of 10 samples"):
        incomplete.close()
