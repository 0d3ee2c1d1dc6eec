"""Stored predictions come out of their file as NumPy reads them, and nothing else does."""

import io
import zipfile

import numpy as np
import pytest

from benchmark.records.predictions import pack_predictions, unpack_predictions


def _packed() -> bytes:
    random = np.random.default_rng(0)
    arrays = {"indices": np.sort(random.permutation(1000)[:200]), "empty": np.zeros(0, np.int64)}
    return pack_predictions({**arrays, "targets": random.integers(0, 9, 200)})


def test_arrays_are_those_that_numpy_reads() -> None:
    buffer = io.BytesIO()
    others = {
        "narrow": np.arange(5, dtype=np.int8),
        "foreign": np.arange(5).astype(">i8"),
        "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "number": np.array(7),
    }
    np.savez(buffer, allow_pickle=False, **others)
    for content in (_packed(), buffer.getvalue()):
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            expected = {name: archive[name] for name in archive.files}
        found = unpack_predictions(content)
        assert list(found) == list(expected)
        for name, array in expected.items():
            assert np.array_equal(found[name], array)
            assert found[name].dtype == array.dtype
            assert not found[name].flags.writeable


def test_only_the_named_arrays_are_read() -> None:
    assert list(unpack_predictions(_packed(), {"targets", "absent"})) == ["targets"]


def test_damage_of_any_kind_is_noticed() -> None:
    whole = _packed()
    expected = unpack_predictions(whole)
    for length in range(0, len(whole), 11):
        with pytest.raises(ValueError, match="not readable as predictions"):
            unpack_predictions(whole[:length])
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        try:
            found = unpack_predictions(bytes(damaged))
        except ValueError:
            continue
        # What is left is in the directory: names, times and the like, none of it numbers.
        assert all(np.array_equal(found[name], expected[name]) for name in found.keys() & expected)


def test_fewer_numbers_than_announced_are_refused() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(9))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("DEPTH.npy", buffer.getvalue()[:-8])
    with pytest.raises(ValueError, match="8 numbers where 9 are announced"):
        unpack_predictions(archive.getvalue())
