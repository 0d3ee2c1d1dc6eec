"""`data list|fetch|prepare|check|show`, and suites that start from archives."""

import functools
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from benchmark.cli import main
from datasets import CARDS
from datasets.stand_ins.archives import ARCHIVE_WRITERS

Serve = Callable[[str, Path], None]


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """A data folder with the stand-in archives of all data sets that have some."""
    folder = tmp_path / "data"
    for name, write in ARCHIVE_WRITERS.items():
        (folder / name).mkdir(parents=True)
        write(folder / name)
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Let a card's files come from a folder, over HTTP on this machine."""
    servers: list[http.server.ThreadingHTTPServer] = []
    originals = {name: CARDS.get(name) for name in CARDS}

    def start(name: str, folder: Path) -> None:
        handler = functools.partial(_Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        card = CARDS.get(name)
        base = f"http://127.0.0.1:{server.server_address[1]}"
        files = tuple(replace(remote, url=f"{base}/{remote.name}") for remote in card.archives)
        if name in ARCHIVE_WRITERS:  # whose sizes and checksums are not the published ones
            files = tuple(replace(r, size=None, md5=None, sha256=None) for r in files)
        CARDS.remove(name)
        CARDS.register(name, replace(card, archives=files))

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
    for name, card in originals.items():
        CARDS.remove(name)
        CARDS.register(name, card)


def test_from_archives_alone_to_both_tables(
    archives: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ARCHIVE_WRITERS:
        assert main(["data", "prepare", name, "--data", str(archives)]) == 0
        assert re.search(r"class(es)?: ", capsys.readouterr().out)
    assert main(["data", "list", "--data", str(archives)]) == 0
    assert capsys.readouterr().out.count("prepared, ") == len(ARCHIVE_WRITERS)
    folders = [f"--{part}={tmp_path / part}" for part in ("results", "reports", "data")]
    small = ["--epochs", "1", "--seeds", "1", "--methods", "kd_v1", "--device", "cpu"]
    suites = ["--suite", "table1", "--suite", "table2", "--smoke"]
    assert main([*suites, *small, *folders]) == 0
    for name in ("table1_smoke", "table2_smoke"):
        table = (tmp_path / "reports" / name / f"{name}.md").read_text()
        assert "(miniature)" in table
        assert "of 1)" not in table


def test_a_suite_prepares_the_archives_that_it_finds(archives: Path, tmp_path: Path) -> None:
    folders = [f"--{part}={tmp_path / part}" for part in ("results", "reports", "data")]
    small = ["--epochs", "1", "--seeds", "1", "--methods", "kd_v1", "--datasets", "eurosat_ms_sar"]
    assert main(["--suite", "table1", *small, *folders, "--device", "cpu"]) == 0
    assert list((archives / "prepared").glob("eurosat_ms_sar-*/meta.json"))
    table = (tmp_path / "reports" / "table1" / "table1.md").read_text()
    assert "200 pairs found, the publication counts 27000" in table


def test_check_compares_with_the_publication_and_warns_of_leaks(
    archives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "check", "tristar", "--data", str(archives)]) == 0
    output = capsys.readouterr().out
    assert "pairs found, 14201 published" in output
    assert "warning, split paper: The split leaks" in output
    assert "left out: " in output
    assert main(["data", "check", "eurosat_ms_sar", "--data", str(archives)]) == 0
    assert "class Forest: 20 pairs found, 3000 published" in capsys.readouterr().out


def test_check_and_show_take_own_archives(
    write_npz: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_npz()
    assert main(["data", "check", str(path)]) == 0
    assert "60 samples in 3 classes and 10 groups" in capsys.readouterr().out
    assert main(["data", "show", str(path), "--output", str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert min(sheet.size) > 300


def test_show_writes_a_sheet_of_a_published_data_set(archives: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(archives), "--reports", str(tmp_path / "reports")]
    assert main(["data", "show", "sunrgbd", *arguments]) == 0
    assert (tmp_path / "reports" / "data" / "sunrgbd.png").is_file()


def test_fetch_downloads_and_says_what_is_next(
    archives: Path, tmp_path: Path, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve("eurosat_ms_sar", archives / "eurosat_ms_sar")
    target = tmp_path / "fetched"
    assert main(["data", "fetch", "eurosat_ms_sar", "--data", str(target)]) == 0
    output = capsys.readouterr().out
    assert "licence: MIT" in output
    assert "complete; next: python run_benchmark.py data prepare eurosat_ms_sar" in output
    assert main(["data", "prepare", "eurosat_ms_sar", "--data", str(target)]) == 0


def test_the_quickstart_prepares_and_trains_without_a_download(tmp_path: Path) -> None:
    folders = [f"--{part}={tmp_path / part}" for part in ("results", "reports", "data")]
    small = ["--epochs", "1", "--seeds", "1", "--methods", "kd_v1", "--device", "cpu"]
    assert main(["--suite", "quickstart", *small, *folders]) == 0
    table = (tmp_path / "reports" / "quickstart" / "quickstart.md").read_text()
    assert "2806 samples, split 70/10/20 by group" in table
    assert not (tmp_path / "data" / "terramesh_chips").exists()


def test_fetch_brings_the_official_files_of_data_that_ships(
    material: Path, tmp_path: Path, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve("terramesh_chips", material / "data" / "terramesh_chips")
    arguments = ["--data", str(tmp_path)]
    assert main(["data", "list", *arguments]) == 0
    assert "embedded" in capsys.readouterr().out
    assert main(["data", "fetch", "terramesh_chips", *arguments]) == 0
    assert len(list((tmp_path / "terramesh_chips").rglob("*.tif"))) == 20
    capsys.readouterr()
    assert main(["data", "list", *arguments]) == 0
    assert "embedded" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prepare", "eurosat"], "unknown data set"),
        (["prepare", "tristar"], "TRISTAR is missing"),
        (["check", "absent.npz"], "no file absent.npz"),
        (["prepare", "sunrgbd", "--option", "depth"], "expected NAME=VALUE"),
        (["prepare", "sunrgbd", "--image-size", "0"], "--image-size 0: expected 8 or more"),
        (["prepare", "sunrgbd", "--option", "dept=depth"], "no option 'dept'"),
        (["show", "tristar", "--modalities", "RGBD"], "no modality 'RGBD'"),
    ],
)
def test_wrong_input_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["data", *arguments, "--data", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
