"""Arrays whose files are damaged or lie about themselves: one sentence each, and no memory."""

import io
import struct
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from datasets.own.array_files import map_npy, read_npz_arrays

IMAGES = np.arange(4 * 3 * 2 * 2, dtype=np.uint8).reshape(4, 3, 2, 2)


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _claiming(header: str, content: bytes = b"\0" * 48) -> bytes:
    """An array file of version 1 with this text as its header."""
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def _shaped(shape: str, kind: str = "|u1") -> bytes:
    return _claiming(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}\n")


def _pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{}]), allow_pickle=True)
    return stream.getvalue()


BROKEN = {
    "huge": (_shaped("(1000000000000, 3, 8, 8)"), "claims 192,000,000,000,000 bytes, .* 48 are"),
    "more than an axis": (_shaped("(99999999999999999999,)"), "claims shape"),
    "empty and huge": (_shaped("(0, 99999999999999999999)"), "claims shape"),
    "negative": (_shaped("(-1, 3, 8, 8)"), r"claims shape \(-1, 3, 8, 8\)"),
    "two negatives": (_shaped("(-4, -3)"), "claims shape"),
    "no bytes each": (_shaped("(1000000000000,)", "<U0"), "which no array has"),
    "too many axes": (_shaped(f"({'1,' * 80})"), "write"),
    "shape of text": (_shaped("'4'"), "header is damaged"),
    "unknown type": (_shaped("(4,)", "zz9"), "header is damaged"),
    "no header": (_claiming("what is this\n"), "header is damaged"),
    "unclosed": (_claiming("{'descr': ((((\n"), "header is damaged"),
    "nested": (_claiming("(" * 9000), "header is damaged"),
    "long": (_claiming(" " * 20_000), "20000 bytes long, expected 1 to 10000"),
    "absurdly long": (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", "4294967295 bytes long"),
    "ends in its length": (b"\x93NUMPY\x01\x00\x76", "is 0 bytes long"),
    "ends in its header": (_npy(IMAGES)[:40], "header is damaged"),
    "ends in its data": (_npy(IMAGES)[:-1], "claims 48 bytes, .* but 47 are there"),
    "other version": (b"\x93NUMPY\x09\x00" + b" " * 50, r"version \(9, 0\)"),
    "objects": (_pickled(), "holds Python objects"),
    "text": (b"no array at all", r"no \.npy array"),
    "nothing": (b"", r"no \.npy array"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_broken_arrays_are_refused_alike_in_folders_and_archives(
    tmp_path: Path, content: tuple[bytes, str]
) -> None:
    data, message = content
    (tmp_path / "S2.npy").write_bytes(data)
    with pytest.raises(UserError, match=rf"cannot read .*S2\.npy as a \.npy array: .*{message}"):
        map_npy(tmp_path / "S2.npy")
    with zipfile.ZipFile(tmp_path / "data.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("S1.npy", _npy(IMAGES))
        archive.writestr("S2.npy", data)
    with pytest.raises(UserError, match=r"cannot read member 'S2\.npy' of .*data\.npz: ") as found:
        read_npz_arrays(tmp_path / "data.npz")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_version_and_both_orders_are_read(
    tmp_path: Path, version: tuple[int, int], order: str
) -> None:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy says that old versions cannot read the new ones
        np.lib.format.write_array(stream, np.asarray(IMAGES, order=order), version)  # type: ignore[call-overload]
    (tmp_path / "S2.npy").write_bytes(stream.getvalue())
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("S2.npy", stream.getvalue())
    np.testing.assert_array_equal(map_npy(tmp_path / "S2.npy"), IMAGES)
    found = read_npz_arrays(tmp_path / "data.npz")["S2"]
    np.testing.assert_array_equal(found, IMAGES)
    assert found.flags.writeable


def test_empty_arrays_are_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((0, 3), np.float32))
    np.savez(tmp_path / "b.npz", S2=np.zeros((0, 3), np.float32))
    assert map_npy(tmp_path / "a.npy").shape == (0, 3)
    assert read_npz_arrays(tmp_path / "b.npz")["S2"].shape == (0, 3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("README", r"'README' .* no \.npy array"),
        ("README.txt", r"'README\.txt' .* no \.npy array"),
        ("S2/", r"'S2/' .* is a folder"),
        ("S1.npy", r"'S1\.npy' .* comes twice"),
        ("S1", r"'S1' .* comes twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_no_arrays(tmp_path: Path, name: str, message: str) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("S1.npy", _npy(IMAGES))
        archive.writestr(name, b"" if name.endswith("/") else b"read me")
    with pytest.raises(UserError, match=f"cannot read member {message}"):
        read_npz_arrays(tmp_path / "data.npz")


def _archive(path: Path, compression: int = zipfile.ZIP_STORED) -> bytearray:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("S2.npy", _npy(IMAGES))
    return bytearray(path.read_bytes())


def test_encrypted_and_unknown_members(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    content = _archive(path)
    entry = content.index(b"PK\x01\x02")
    encrypted = content.copy()
    encrypted[6] |= 1
    encrypted[entry + 8] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(UserError, match="'S2.npy' .* is encrypted"):
        read_npz_arrays(path)
    unknown = content.copy()
    unknown[8] = unknown[entry + 10] = 77
    path.write_bytes(unknown)
    with pytest.raises(UserError, match=r"'S2\.npy' .*compression method is not supported"):
        read_npz_arrays(path)


def test_a_directory_that_claims_more_than_the_archive_holds(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    lie = _shaped("(1000000, 3, 8, 8)")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("S2.npy", lie)
    content = bytearray(path.read_bytes())
    for start in (22, content.index(b"PK\x01\x02") + 24):
        struct.pack_into("<I", content, start, 192_000_000 + len(lie))
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"cannot read member 'S2\.npy'"):
        read_npz_arrays(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_changed_bytes_anywhere_are_noticed_or_harmless(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "data.npz"
    content = _archive(path, compression)
    for position in range(len(content)):
        changed = content.copy()
        changed[position] ^= 0xFF
        path.write_bytes(changed)
        try:
            found = read_npz_arrays(path)
        except UserError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            for array in found.values():
                np.testing.assert_array_equal(array, IMAGES)


def test_single_arrays_and_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(_npy(IMAGES))
    with pytest.raises(UserError, match="holds a single array, expected an .npz archive"):
        read_npz_arrays(tmp_path / "a.npz")
    with pytest.raises(UserError, match=r"cannot read .*absent\.npy"):
        map_npy(tmp_path / "absent.npy")
    np.savez(tmp_path / "b.npy.npz", S2=IMAGES)
    with pytest.raises(UserError, match=r"no \.npy array"):
        map_npy(tmp_path / "b.npy.npz")
