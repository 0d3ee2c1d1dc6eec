"""A record as a file: JSON whose first entry is the SHA-256 of the rest."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from benchmark.records.record import Record
from benchmark.records.result import RunResult, parse_result, result_of
from benchmark.records.run_files import RunFile
from core.errors import UserError
from core.models import first_finding

_DIGEST = b'{\n "digest": "'
_END = b'",'
_REST = len(_DIGEST) + 2 * hashlib.sha256().digest_size + len(_END)


def encode_record(record: Record) -> bytes:
    """A record as the content of its file."""
    rest = record.model_dump_json(indent=1).encode()[1:] + b"\n"
    return _DIGEST + hashlib.sha256(rest).hexdigest().encode() + _END + rest


def read_record(path: RunFile) -> Record:
    """Read one record, wherever it lies.

    Raises:
        FileNotFoundError: there is no such file.
        UserError: it is not a record, it is not as it was written, or its key is not that of its
            settings.
    """
    with _explained(path):
        content = path.read_bytes()
        return _whole(path, content, _is_proven(path, content))


def read_result(path: RunFile) -> tuple[str, RunResult]:
    """The key of a record and what tables need of it.

    What a digest proves to be as it was written needs no other check.

    Raises:
        FileNotFoundError, UserError: as `read_record`.
    """
    with _explained(path):
        content = path.read_bytes()
        if _is_proven(path, content):
            return parse_result(content)
        record = _whole(path, content, proven=False)
        return record.key, result_of(record)


def _is_proven(path: RunFile, content: bytes) -> bool:
    """Whether content has a digest, which the first records had not.

    Raises:
        UserError: it has one, but of something else.
    """
    if not content.startswith(_DIGEST):
        return False
    found = hashlib.sha256(memoryview(content)[_REST:]).hexdigest().encode()
    if content[len(_DIGEST) : _REST] != found + _END:
        raise UserError(f"{path} is not a readable record (changed since it was written)")
    return True


def _whole(path: RunFile, content: bytes, proven: bool) -> Record:
    record = Record.model_validate_json(b"{" + content[_REST:] if proven else content)
    if record.spec.key != record.key:
        raise UserError(f"{path} holds the record of another run")
    return record


@contextmanager
def _explained(path: RunFile) -> Iterator[None]:
    """Turn any error with a file except FileNotFoundError into a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"{path} is not a readable record ({error.strerror})") from None
    except ValidationError as error:
        found = first_finding(error)
        reason = ": ".join(filter(None, [found.where, found.message]))
        raise UserError(f"{path} is not a readable record ({reason})") from None
