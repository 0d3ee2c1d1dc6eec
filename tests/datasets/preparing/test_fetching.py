"""Downloads against a real server on this machine, in every way that they can go wrong."""

import hashlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from core.errors import UserError
from datasets.cards import RemoteFile
from datasets.preparing import fetching
from datasets.preparing.fetching import fetch

CONTENT = np.random.default_rng(0).bytes(300_000)
HALF = len(CONTENT) // 2


@dataclass
class Behaviour:
    """How the server answers; it notes the Range header of each request."""

    content: bytes = CONTENT
    ranges: bool = True
    status: int | None = None
    redirect: str | None = None
    length: bool = True  # whether it announces the length
    cuts: deque[int] = field(default_factory=deque)  # bytes to send before it hangs up
    silent: threading.Event | None = None  # what it waits for before it answers
    asked: list[str | None] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    behaviour: ClassVar[Behaviour]

    def do_GET(self) -> None:
        this = self.behaviour
        wanted = self.headers.get("Range")
        this.asked.append(wanted)
        if this.silent is not None:
            this.silent.wait(5)
            return
        if this.redirect is not None and self.path != "/elsewhere":
            self.send_response(302)
            self.send_header("Location", this.redirect)
            self.end_headers()
            return
        if this.status is not None:
            self.send_error(this.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and this.ranges else 0
        size = len(this.content)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if this.length:
            self.send_header("Content-Length", str(size - start))
        self.end_headers()
        body = this.content[start:]
        self.wfile.write(body[: this.cuts.popleft()] if this.cuts else body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a server and give its address; set `Handler.behaviour` to change what it does."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetching, "PAUSES", (0.0, 0.0))
    Handler.behaviour = Behaviour()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/data.zip"
        running.shutdown()
        thread.join()


def _remote(url: str, **changes: object) -> RemoteFile:
    known = {
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "md5": hashlib.md5(CONTENT).hexdigest(),
    }
    return RemoteFile(url, "data.zip", **(known | changes))  # type: ignore[arg-type]


def _asked() -> list[str | None]:
    return Handler.behaviour.asked


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("known", [{}, {"size": None}, {"sha256": None, "md5": None}])
@pytest.mark.parametrize("length", [True, False])
def test_plain_download_reports_progress(
    server: str, tmp_path: Path, known: dict[str, None], length: bool
) -> None:
    Handler.behaviour.length = length
    steps: list[tuple[int, int | None]] = []
    path = fetch(
        _remote(server, **known), tmp_path / "new" / "raw", lambda *step: steps.append(step)
    )
    assert path == tmp_path / "new" / "raw" / "data.zip"
    assert path.read_bytes() == CONTENT
    assert _leftovers(path.parent) == ["data.zip"]
    total = None if "size" in known and not length else len(CONTENT)
    assert steps[0] == (0, total)
    assert steps[-1] == (len(CONTENT), total)
    assert steps == sorted(steps, key=lambda step: step[0])


def test_a_complete_file_is_not_requested_again(server: str, tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(CONTENT)
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT
    assert _asked() == []


@pytest.mark.parametrize("wrong", [CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_wrong_file_is_replaced(server: str, tmp_path: Path, wrong: bytes) -> None:
    (tmp_path / "data.zip").write_bytes(wrong)
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT


def test_cut_connections_are_continued_as_long_as_more_arrives(server: str, tmp_path: Path) -> None:
    Handler.behaviour.cuts.extend([50_000, 50_000, 0, 50_000, 0, 0, 50_000])
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT
    starts = [0, 50_000, 100_000, 100_000, 150_000, 150_000, 150_000, 200_000]
    assert _asked() == [f"bytes={start}-" if start else None for start in starts]


def test_a_part_left_from_before_is_continued(server: str, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:HALF])
    steps: list[int] = []
    fetch(_remote(server), tmp_path, lambda done, _: steps.append(done))
    assert (tmp_path / "data.zip").read_bytes() == CONTENT
    assert _asked() == [f"bytes={HALF}-"]
    assert steps[0] == HALF


def test_a_complete_part_needs_no_request(server: str, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT)
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT
    assert _asked() == []
    (tmp_path / "data.zip").rename(tmp_path / "data.zip.part")
    fetch(_remote(server, size=None), tmp_path)  # the server says that nothing is missing
    assert _leftovers(tmp_path) == ["data.zip"]


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_part_larger_than_the_file_is_dropped(
    server: str, tmp_path: Path, size: int | None
) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT + b"more")
    assert fetch(_remote(server, size=size), tmp_path).read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server: str, tmp_path: Path) -> None:
    Handler.behaviour.ranges = False
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:HALF])
    Handler.behaviour.cuts.append(50_000)
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT


def test_a_server_without_ranges_that_always_cuts_is_given_up(server: str, tmp_path: Path) -> None:
    Handler.behaviour.ranges = False
    Handler.behaviour.cuts.extend([50_000] * 20)
    with pytest.raises(UserError, match=r"cut after 50\.0 kB of 300\.0 kB, 3 times in a row"):
        fetch(_remote(server), tmp_path)
    assert len(_asked()) == 4


def test_a_wrong_checksum_removes_the_part(server: str, tmp_path: Path) -> None:
    for digest in ("sha256", "md5"):
        with pytest.raises(UserError, match=rf"{digest} \w+, expected 00: the file on the server"):
            fetch(_remote(server, **{digest: "00"}), tmp_path)
        assert _leftovers(tmp_path) == []


def test_a_part_of_another_version_is_removed_after_the_checksum(
    server: str, tmp_path: Path
) -> None:
    (tmp_path / "data.zip.part").write_bytes(b"x" * HALF)
    with pytest.raises(UserError, match="continued from an earlier download.* run again") as found:
        fetch(_remote(server), tmp_path)
    assert "\n" not in str(found.value)
    assert _leftovers(tmp_path) == []
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_of_another_size_is_refused_before_it_is_downloaded(
    server: str, tmp_path: Path, ranges: bool
) -> None:
    Handler.behaviour.content = CONTENT[:-10_000]
    Handler.behaviour.ranges = ranges
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:HALF])
    with pytest.raises(UserError, match=r"offers 290,000 bytes .* expected 300,000"):
        fetch(_remote(server), tmp_path)
    assert (tmp_path / "data.zip.part").read_bytes() == CONTENT[:HALF]


def test_a_truncated_file_of_unannounced_length_is_given_up(server: str, tmp_path: Path) -> None:
    Handler.behaviour.content = CONTENT[:-10_000]
    Handler.behaviour.length = False
    Handler.behaviour.ranges = False
    with pytest.raises(UserError, match=r"after 290\.0 kB of 300\.0 kB"):
        fetch(_remote(server), tmp_path)


def test_an_absent_file_is_not_asked_for_twice(server: str, tmp_path: Path) -> None:
    Handler.behaviour.status = 404
    with pytest.raises(UserError, match="answered 404 Not Found"):
        fetch(_remote(server), tmp_path)
    assert len(_asked()) == 1


def test_a_busy_server_is_asked_again(server: str, tmp_path: Path) -> None:
    Handler.behaviour.status = 503
    with pytest.raises(UserError, match="answered 503 Service Unavailable.* run again to continue"):
        fetch(_remote(server), tmp_path)
    assert len(_asked()) == 3


def test_a_silent_server_times_out(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 0.05)
    Handler.behaviour.silent = threading.Event()
    with pytest.raises(UserError, match=r"no answer for 0\.05 seconds"):
        fetch(_remote(server), tmp_path)
    Handler.behaviour.silent.set()


def test_nothing_listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetching, "PAUSES", (0.0,))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UserError, match="refused the connection after 0 bytes of"):
        fetch(_remote(f"http://127.0.0.1:{port}/data.zip"), tmp_path)


def test_redirections_keep_the_range_and_stay_on_the_web(server: str, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:HALF])
    Handler.behaviour.redirect = "/elsewhere"
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT
    assert _asked() == [f"bytes={HALF}-"] * 2
    for place in ("file:///etc/hostname", "ftp://127.0.0.1/data.zip"):
        Handler.behaviour.redirect = place
        with pytest.raises(UserError, match="cannot download"):
            fetch(_remote(server), tmp_path / "other")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://host/a", "data.zip"])
def test_other_addresses_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected an http or https address"):
        fetch(_remote(url), tmp_path)


def test_a_folder_that_cannot_be_written(server: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UserError, match=r"cannot write data\.zip in .*taken"):
        fetch(_remote(server), tmp_path / "taken")


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_too_little_space_is_found_before_writing(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int | None
) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:HALF])
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000))
    with pytest.raises(UserError, match=r"needs 150\.0 kB more .* 100\.0 kB are free"):
        fetch(_remote(server, size=size), tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=150_000))
    assert fetch(_remote(server, size=size), tmp_path).read_bytes() == CONTENT


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that holds 100 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a tiny disk needs root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"cannot mount a tiny disk: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_keeps_the_part(
    server: str, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="needs 300.0 kB more"):
        fetch(_remote(server), tiny_disk)
    # As if another program filled the disk only after the free space was looked at.
    usage = shutil.disk_usage(tiny_disk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 40))
    with pytest.raises(UserError, match=r"is full after .* free some space and run again"):
        fetch(_remote(server), tiny_disk)
    kept = (tiny_disk / "data.zip.part").stat().st_size
    assert 50_000 < kept <= 102_400
    subprocess.run(["mount", "-o", "remount,size=1m", str(tiny_disk)], check=True)
    assert fetch(_remote(server), tiny_disk).read_bytes() == CONTENT
    assert _asked()[-1] == f"bytes={kept}-"


def test_a_file_size_limit_is_reported_like_a_full_disk(server: str, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before: Callable[..., object] | int | None = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(UserError, match="is full after 100.0 kB"):
            fetch(_remote(server), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)  # type: ignore[arg-type]
    assert (tmp_path / "data.zip.part").read_bytes() == CONTENT[:100_000]
    assert fetch(_remote(server), tmp_path).read_bytes() == CONTENT
