"""Zip archives and folders read alike, and unsafe or broken ones are refused."""

import zipfile
from pathlib import Path

import pytest

from core.errors import UserError
from datasets.preparing.archives import open_files


def _archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_folder_reads_as_the_archive_that_it_was_extracted_from(tmp_path: Path) -> None:
    members = {"top/b/1.txt": b"one", "top/a/2.txt": b"two"}
    extra = {"__MACOSX/top/b/._1.txt": b"", "top/.DS_Store": b""}
    archive = _archive(tmp_path / "x.zip", {**members, **extra})
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "extracted")
    for path in (archive, tmp_path / "extracted"):
        with open_files(path) as files:
            assert {name: files.read(name) for name in files.names} == members


@pytest.mark.parametrize(
    "name", ["../outside.tif", "top/../../outside.tif", "/etc/outside", "C:\\outside", "a\\..\\b"]
)
def test_members_that_climb_out_are_refused_before_anything_is_read(
    tmp_path: Path, name: str
) -> None:
    archive = _archive(tmp_path / "evil.zip", {"fine.tif": b"", name: b"evil"})
    with (
        pytest.raises(UserError, match=r"evil\.zip: .* leads out of the archive"),
        open_files(archive),
    ):
        pass


def test_truncated_archives_and_members(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "cut.zip", {"a.tif": bytes(range(256)) * 40})
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    with (
        pytest.raises(UserError, match=r"cannot read .*cut\.zip as a zip archive .*truncated"),
        open_files(archive),
    ):
        pass
    archive.write_bytes(content[:60] + b"\x00\x00\x00\x00" + content[64:])
    with (
        open_files(archive) as files,
        pytest.raises(UserError, match=r"cut\.zip: cannot read member a\.tif"),
    ):
        files.read("a.tif")


def test_a_file_that_vanished_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"x")
    with open_files(tmp_path) as files:
        (tmp_path / "a.tif").unlink()
        with pytest.raises(UserError, match=r"cannot read .*a\.tif: No such file"):
            files.read("a.tif")
