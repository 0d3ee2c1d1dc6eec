"""Own data: valid archives, changed as arrays and as bytes, and files that are something else."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

Answer = Callable[..., int]
Write = Callable[[str, bytes], Path]

RANDOM = np.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "S2": RANDOM.integers(0, 4000, (60, 3, 8, 8)).astype(np.int16),
    "S1": RANDOM.normal(-12, 3, (60, 2, 8, 8)).astype(np.float16),
    "labels": np.repeat(np.arange(3), 20),
    "groups": np.tile(np.arange(10), 6),
    "class_names": np.array(["a", "b", "c"]),
}
TYPES = ["O", "S", "U", "?", "u1", "i1", ">i2", "u8", "f2", "f4", "f8", "c8", "M8[s]", "m8[s]"]
TYPES += ["V4", "i4,f4", "U0"]
SHAPES = [(), (0,), (1,), (2,), (60,), (60, 8), (60, 1, 8), (60, 2, 8, 8), (59, 2, 8, 8)]
SHAPES += [(60, 2, 8, 9), (60, 2, 1, 1), (60, 0, 8, 8), (60, 2, 8, 8, 1), (6, 2, 0, 8), (3, 3, 3)]
FILLS = [0, 1, -1, 2, 59, 255, 2**31, 2**63, -(2**63), np.nan, np.inf, -np.inf, 1e300]
FILLS += ["", "x", "\x1b[31m\n", "[/b]"]
NAMES = [
    "",
    " ",
    "s2",
    "S2 ",
    "ß",
    "É",
    "S2\n",
    "\x1b[31m",
    "../UP",
    "/ABS",
    "labels.npy",
    "A" * 300,
]
NAMES += ["LABELS", "S3", "[/B]", "class_names", "ignore_index"]
DIMENSIONS = [0, 1, 2, 60, -1, 2**31, 2**63 - 1, 2**63, 10**30, "True", "1.5", "'a'"]


@st.composite
def changed_arrays(draw: st.DrawFn) -> bytes:
    """A valid archive with one or two arrays of other content, type, shape, order or name."""
    arrays = dict(ARRAYS)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(arrays)))
        change = draw(
            st.sampled_from(["fill", "type", "shape", "order", "rename", "remove", "add"])
        )
        if change == "rename":
            arrays[draw(st.sampled_from(NAMES))] = arrays.pop(name)
        elif change == "remove":
            del arrays[name]
        elif change == "add":
            arrays[draw(st.sampled_from(NAMES))] = arrays[name]
        else:
            arrays[name] = _changed(draw, arrays[name], change)
        if not arrays:
            break
    return _archive({name: _npy(array) for name, array in arrays.items()})


def _changed(draw: st.DrawFn, array: Any, change: str) -> Any:
    if change == "order":
        return draw(st.sampled_from([np.asfortranarray(array), array[::-1], array[:-1]]))
    if change == "shape":
        return np.resize(array, draw(st.sampled_from(SHAPES)))
    if change == "type":
        return _cast(array, draw(st.sampled_from(TYPES)))
    filled = _cast(array, draw(st.sampled_from(["O", "i8", "f4", "U9", "u8"])))
    fill = draw(st.sampled_from(FILLS))
    some = draw(st.sampled_from([slice(None), slice(1), slice(0, None, 7)]))
    with np.errstate(all="ignore"):
        try:
            filled[some] = fill
        except (ValueError, OverflowError, IndexError):
            filled = np.full(filled.shape, fill)
    return filled


def _cast(array: Any, type_: str) -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        try:
            return array.astype(type_)
        except (ValueError, TypeError, OverflowError):
            return np.zeros(array.shape, type_)


def _npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def _archive(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def _header(text: str, version: int = 1) -> bytes:
    """The beginning of an array, as numpy writes it but for what it says."""
    content = text.encode("latin1", errors="replace")
    length = struct.pack("<H" if version == 1 else "<I", len(content))
    return b"\x93NUMPY" + bytes([version, 0]) + length + content


def _claim(shape: str, type_: str = "'<i2'", order: str = "False") -> str:
    return f"{{'descr': {type_}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@st.composite
def lying_headers(draw: st.DrawFn) -> bytes:
    """A valid archive where one array has a header that does not go with what follows."""
    name = draw(st.sampled_from(["S2", "S1", "labels"]))
    shape = ", ".join(map(str, draw(st.lists(st.sampled_from(DIMENSIONS), max_size=5))))
    sensible = draw(st.booleans())
    header = _claim(
        "(60, 2, 8, 8)"
        if sensible
        else draw(st.sampled_from([f"({shape})", f"({shape},)", shape])),
        draw(
            st.sampled_from(["'<i2'", "'>f8'", "'|O'", "'<U9'", "'|V0'", "'<q9'", "[]", "3", "'x'"])
        ),
        draw(st.sampled_from(["False", "True", "None", "1"])),
    )
    header = draw(st.sampled_from([header, header[:-9], header.replace("descr", "type"), "", "{}"]))
    content = _header(header, draw(st.sampled_from([1, 1, 1, 2, 3, 0, 9])))
    body = draw(st.sampled_from([b"", bytes(7680 * 2), bytes(100), _npy(ARRAYS[name])]))
    return _archive({**_members(), name: content + body})


def _members() -> dict[str, bytes]:
    return {name: _npy(array) for name, array in ARRAYS.items()}


VALID = _archive(_members())


@st.composite
def changed_bytes(draw: st.DrawFn) -> bytes:
    """A valid archive cut off, with other bytes in its members, directory or end, or repeated."""
    content = bytearray(VALID)
    directory = content.index(b"PK\x01\x02")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.sampled_from([0, directory, len(content) - 22]))
        at = min(start + draw(st.integers(0, 150)), len(content) - 1)
        content[at] = draw(st.integers(0, 255))
    cut = draw(st.sampled_from([None] * 4 + [0, 1, 30, 200, directory, -1, -22]))
    return bytes(content[:cut]) + draw(st.sampled_from([b"", b"", b"", b"x", VALID]))


def _repeated() -> bytes:
    """An archive that has a member twice."""
    stream = io.BytesIO(VALID)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("S2.npy", _npy(ARRAYS["S1"]))
    return stream.getvalue()


def _patched(offset: int, value: bytes) -> bytes:
    """A valid archive whose first member's entry in the directory says something else."""
    content = bytearray(VALID)
    at = content.index(b"PK\x01\x02") + offset
    content[at : at + len(value)] = value
    return bytes(content)


ENCRYPTED = _patched(8, b"\x01\x00")
UNKNOWN_COMPRESSION = _patched(10, b"\x63\x00")
HUGE_SIZE = _patched(24, struct.pack("<I", 2**32 - 2))
FOLDER = _archive({**_members(), "A/": b""}).replace(b"A/.npy", b"A.npy/")


def _suite(**changes: object) -> bytes:
    entry = {"name": "broken", "npz": "broken.npz", "teacher": "S2", "student": "S1", **changes}
    suite = {"scenario": "cross_modal", "datasets": [entry], "methods": ["kd_v1"], "seeds": 2}
    return yaml.safe_dump({"name": "broken", **suite}).encode()


PLANNED = [_suite(), _suite(split="by_group"), _suite(image_size=16)]
USES = st.sampled_from([*PLANNED, *PLANNED, None])  # None: `data check`, which takes longer


def _use(answer: Answer, write: Write, content: bytes, suite: bytes | None) -> None:
    write("broken.npz", content)
    if suite is None:
        answer("data", "check", "broken.npz")
    else:
        write("broken.yaml", suite)
        answer("--suite", "broken.yaml", "--dry-run")


def _with(**arrays: Any) -> bytes:
    return _archive({name: _npy(array) for name, array in {**ARRAYS, **arrays}.items()})


@given(changed_arrays(), USES)
@example(_with(labels=np.full(60, 2**64 - 1, np.uint64)), PLANNED[0])
@example(_with(labels=np.array([[[1]]])), PLANNED[0])
@example(_with(class_names=np.array(["[/b]", "\x1b[31m\n", ""])), None)
@example(_with(groups=np.full(60, np.nan)), PLANNED[1])
@example(_with(groups=np.array([None] * 60)), PLANNED[1])
@example(_with(groups=ARRAYS["groups"].astype("M8[D]")), PLANNED[1])
@example(_with(S2=np.asfortranarray(ARRAYS["S2"])), None)
def test_changed_arrays(answer: Answer, write: Write, content: bytes, suite: bytes | None) -> None:
    _use(answer, write, content, suite)


@given(lying_headers(), USES)
@example(_archive({**_members(), "S2": _header(_claim(f"({10**18}, 1, 1, 1)"))}), PLANNED[0])
@example(_archive({**_members(), "S2": _header(_claim(f"({2**62}, 4, 8, 8)"))}), PLANNED[0])
@example(_archive({**_members(), "S2": _header(_claim("(-1, 3, 8, 8)"))}), PLANNED[0])
def test_lying_headers(answer: Answer, write: Write, content: bytes, suite: bytes | None) -> None:
    _use(answer, write, content, suite)


@given(changed_bytes() | st.binary(max_size=64), USES)
@example(_repeated(), PLANNED[0])
@example(ENCRYPTED, PLANNED[0])
@example(UNKNOWN_COMPRESSION, PLANNED[0])
@example(HUGE_SIZE, PLANNED[0])
@example(FOLDER, PLANNED[0])
@example(_npy(ARRAYS["S2"]), PLANNED[0])
def test_changed_bytes(answer: Answer, write: Write, content: bytes, suite: bytes | None) -> None:
    _use(answer, write, content, suite)
