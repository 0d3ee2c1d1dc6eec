"""Archives to break on purpose."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


@pytest.fixture
def edit_zip() -> Callable[[Path, Mapping[str, bytes | None]], None]:
    """Replace, add or (None) remove members of an archive, the rest unchanged."""

    def edit(archive: Path, changes: Mapping[str, bytes | None]) -> None:
        with zipfile.ZipFile(archive) as source:
            members: dict[str, bytes | None] = {n: source.read(n) for n in source.namelist()}
        members |= changes
        with zipfile.ZipFile(archive, "w") as target:
            for name, content in members.items():
                if content is not None:
                    target.writestr(name, content)

    return edit
