"""Downloads that survive cut connections and full disks, and never leave a wrong file behind."""

import errno
import hashlib
import http.client
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from urllib import error, request
from urllib.parse import urlsplit

from core.errors import UserError
from datasets.cards import RemoteFile

BLOCK = 1 << 20
TIMEOUT = 30.0  # seconds without a single byte
PAUSES = (1.0, 4.0, 10.0)  # seconds before each further attempt that brought nothing new
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
WORTH_A_RETRY = (408, 425, 429, 500, 502, 503, 504)  # statuses that may pass with time

Progress = Callable[[int, int | None], None]


def fetch(remote: RemoteFile, folder: Path, progress: Progress | None = None) -> Path:
    """Download a file into a folder unless it is there, and return its path.

    The bytes go to `<file_name>.part`, which a later call continues; it gets its name when size
    and checksums are right. A file of that name with another size or checksum is replaced.

    Args:
        remote: what to download.
        folder: where to; created if need be.
        progress: called with the bytes that are there and the bytes in total (None: unknown).

    Raises:
        UserError: the address, the server, the connection, the content or the disk is at fault;
            the message says whether running again continues or starts over.
    """
    if urlsplit(remote.url).scheme not in ("http", "https"):
        raise UserError(f"cannot download {remote.url}; expected an http or https address")
    target = folder / remote.file_name
    try:
        if target.is_file() and _fault(target, remote) is None:
            return target
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{remote.file_name}.part"
        if _size(part) and remote.size is not None and _size(part) > remote.size:
            part.unlink()  # more than the whole file: not a beginning of it
        resumed = _size(part) > 0
        _Download(remote, part, progress or _ignore).complete()
        fault = _fault(part, remote)
        if fault is None:
            part.replace(target)
            return target
        part.unlink()
    except OSError as problem:
        raise UserError(
            f"cannot write {remote.file_name} in {folder}: {problem.strerror or problem}; check "
            "the folder and its permissions, or choose another one"
        ) from None
    cause = (
        "it was continued from an earlier download, which may be of another version"
        if resumed
        else "the file on the server may have changed"
    )
    raise UserError(
        f"{remote.file_name} from {remote.url} {fault}: {cause}; the download was removed, run "
        "again to start over"
    )


class _Download:
    """One file on its way into its part file."""

    def __init__(self, remote: RemoteFile, part: Path, progress: Progress) -> None:
        self.remote = remote
        self.part = part
        self.progress = progress
        self.total = remote.size

    def complete(self) -> None:
        """Request what is missing until all is there or nothing new arrives any more."""
        furthest, failures = _size(self.part), 0
        while self.total is None or _size(self.part) < self.total:
            try:
                self._continue()
                if self.total is None:
                    return  # neither the publisher nor the server says how much there is
                reason = "the connection was cut"
            except _NetworkError as problem:
                reason = str(problem)
            reached = _size(self.part)
            # A server without ranges starts over each time: only getting further counts.
            failures = 0 if reached > furthest else failures + 1
            furthest = max(furthest, reached)
            if self.total is not None and reached >= self.total:
                return
            if failures > len(PAUSES):
                raise UserError(
                    f"cannot download {self.remote.url}: {reason} after {_amount(reached)} of "
                    f"{_amount(self.total)}, {failures} times in a row; check the connection and "
                    "run again to continue"
                )
            time.sleep(PAUSES[max(failures - 1, 0)])

    def _continue(self) -> None:
        """Make one request from the end of the part file on, and write what comes.

        Raises:
            _NetworkError: it may work at another time.
            UserError: it will not.
        """
        offset = _size(self.part)
        if self.total is not None:
            self._check_space(self.total - offset)
        headers = {"User-Agent": "cmkd-benchmark"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        try:
            response = _opener().open(
                request.Request(self.remote.url, headers=headers), timeout=TIMEOUT
            )
        except error.HTTPError as problem:
            problem.close()
            if problem.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
                self._beyond_the_end(offset, problem.headers.get("Content-Range", ""))
                return
            if problem.code in WORTH_A_RETRY:
                raise _NetworkError(
                    f"the server answered {problem.code} {problem.reason}"
                ) from None
            raise UserError(
                f"cannot download {self.remote.url}: the server answered {problem.code} "
                f"{problem.reason}; download the file by hand to "
                f"{self.part.with_suffix('')} if it has moved"
            ) from None
        except (OSError, http.client.HTTPException) as problem:
            raise _NetworkError(_explain(problem)) from None
        with response:
            if offset and not _continues_at(response, offset):
                offset = 0  # the server sends the file from its beginning
            self._check_total(response, offset)
            self._write(response, offset)

    def _beyond_the_end(self, offset: int, content_range: str) -> None:
        """The server has nothing after `offset`: it is all there, or the part is of another file.

        Raises:
            _NetworkError: the part was of another file and is gone.
        """
        match = re.fullmatch(r"bytes \*/(\d+)", content_range)
        if self.total is None and match and int(match[1]) == offset:
            self.total = offset
            return
        self.part.unlink()
        raise _NetworkError("the server's file ends before the part downloaded earlier")

    def _check_total(self, response: http.client.HTTPResponse, offset: int) -> None:
        """Compare the size that the server announces with the expected one."""
        announced = response.headers.get("Content-Length")
        if announced is None or not announced.isdecimal():
            return
        total = offset + int(announced)
        if self.total is None:
            self.total = total
            self._check_space(total - offset)
        elif total != self.total:
            raise UserError(
                f"the server offers {total:,} bytes at {self.remote.url}, expected "
                f"{self.total:,}: the file has changed; look for this version elsewhere and put "
                f"it at {self.part.with_suffix('')}"
            )

    def _write(self, response: http.client.HTTPResponse, offset: int) -> None:
        """Append the body to the part file, which is cut to `offset` bytes before."""
        done = offset
        # Unbuffered, so that the part holds all that was received whatever happens.
        with self.part.open("ab", buffering=0) as stream:
            stream.truncate(offset)
            self.progress(done, self.total)
            while True:
                try:
                    block = response.read(BLOCK)
                except (OSError, http.client.HTTPException) as problem:
                    raise _NetworkError(_explain(problem)) from None
                if not block:
                    return
                try:
                    left = memoryview(block)
                    while left:
                        left = left[stream.write(left) :]
                except OSError as problem:
                    if problem.errno in DISK_FULL:
                        raise self._disk_full() from None
                    raise
                done += len(block)
                self.progress(done, self.total)

    def _check_space(self, missing: int) -> None:
        free = shutil.disk_usage(self.part.parent).free
        if free < missing:
            raise UserError(
                f"{self.remote.file_name} needs {_amount(missing)} more in {self.part.parent}, "
                f"but {_amount(free)} are free; free some space or choose another folder"
            )

    def _disk_full(self) -> UserError:
        return UserError(
            f"the disk of {self.part.parent} is full after {_amount(_size(self.part))} of "
            f"{self.remote.file_name}; free some space and run again to continue"
        )


class _NetworkError(Exception):
    """A request failed in a way that may pass."""


def _opener() -> request.OpenerDirector:
    """An opener for http(s) alone: the usual one would follow a redirection to ftp."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _continues_at(response: http.client.HTTPResponse, offset: int) -> bool:
    content_range = response.headers.get("Content-Range", "")
    return response.status == http.HTTPStatus.PARTIAL_CONTENT and content_range.startswith(
        f"bytes {offset}-"
    )


def _explain(problem: Exception) -> str:
    reason = problem.reason if isinstance(problem, error.URLError) else problem
    if isinstance(reason, TimeoutError):
        return f"no answer for {TIMEOUT:g} seconds"
    if isinstance(reason, ConnectionRefusedError):
        return "the server refused the connection"
    return str(reason) or type(reason).__name__


def _fault(path: Path, remote: RemoteFile) -> str | None:
    """What is wrong with a downloaded file, or None."""
    size = _size(path)
    if remote.size is not None and size != remote.size:
        return f"has {size:,} bytes, expected {remote.size:,}"
    for name, expected in (("sha256", remote.sha256), ("md5", remote.md5)):
        if expected is None:
            continue
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, name).hexdigest()
        if found != expected.lower():
            return f"has {name} {found}, expected {expected}"
    return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _amount(size: int | None) -> str:
    if size is None:
        return "an unknown size"
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def _ignore(done: int, total: int | None) -> None:
    """Report progress to nobody."""
