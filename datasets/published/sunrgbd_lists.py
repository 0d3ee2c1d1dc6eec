"""The two lists that define the Kinect v2 subset of SUN RGB-D."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.errors import UserError, nearest_names

_LINE = re.compile(r"kv2/(?P<name>[^/]+)/(?P<id>[^/]+)\.png\s+(?P<label>\d+)")
_MAPPING = re.compile(r"(?P<id>[^/\s]+)\.png -> /?SUNRGBD/(?P<frame>\S.*?)/?")


class Entry(NamedTuple):
    """One pair of the subset: its id in the lists and its class index."""

    id: str
    label: int

    def order(self) -> tuple[int, int, str]:
        """Sort key: class, then number."""
        return self.label, int(self.id) if self.id.isdigit() else 0, self.id


def read_subset(path: Path, class_names: Sequence[str]) -> list[Entry]:
    """Read kv2.txt, lines `kv2/<class>/<id>.png <label>`, and sort it by class and id.

    Raises:
        UserError: no such file, a line of another form, an unknown class, a label that is not the
            position of its class, or an id that comes twice.
    """
    entries: dict[str, Entry] = {}
    for number, line in _lines(path):
        match = _LINE.fullmatch(line)
        if match is None:
            raise UserError(
                f"{path}, line {number}: found '{line[:80]}', expected kv2/<class>/<id>.png "
                "<label>; fetch the list again"
            )
        name, label = match["name"], int(match["label"])
        if name not in class_names:
            raise UserError(
                f"{path}, line {number}: unknown class '{name}': {nearest_names(name, class_names)}"
            )
        if label != class_names.index(name):
            raise UserError(
                f"{path}, line {number}: class {name} has label {label}, expected "
                f"{class_names.index(name)}; fetch the list again"
            )
        if match["id"] in entries:
            raise UserError(
                f"{path}, line {number}: {match['id']}.png comes twice, expected each id once; "
                "fetch the list again"
            )
        entries[match["id"]] = Entry(match["id"], label)
    if not entries:
        raise UserError(f"{path} is empty, expected one line per pair; fetch the list again")
    return sorted(entries.values(), key=Entry.order)


def read_mapping(path: Path) -> dict[str, str]:
    """Read mapping.txt, lines `<id>.png -> /SUNRGBD/<sensor>/...`: id -> frame folder.

    The folder is given below SUNRGBD/, without slashes at its ends. The header and the counts at
    the end are passed over.

    Raises:
        UserError: no such file, or no line of that form.
    """
    matches = (_MAPPING.fullmatch(line) for _, line in _lines(path))
    frames = {match["id"]: match["frame"] for match in matches if match is not None}
    if not frames:
        raise UserError(
            f"{path}: found no line of the form '<id>.png -> /SUNRGBD/<folder>'; fetch the list "
            "again"
        )
    return frames


def _lines(path: Path) -> list[tuple[int, str]]:
    """Numbered lines that are not blank."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"no file {path}; SUN RGB-D in its original layout needs the lists kv2.txt and "
            "mapping.txt beside it"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path} as text: {error}") from None
    return [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
