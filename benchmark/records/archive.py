"""Packs records into one archive, such as is shipped."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmark.records.record_file import read_record
from benchmark.records.result import WEIGHTS
from benchmark.records.run_files import SUPERSEDED, RunFile, RunFiles, beside
from core.errors import UserError
from core.files import replacing

_LEVEL = 9  # smallest
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of the format; no time of packing, so that bytes are equal
_MODE = 0o644 << 16


def pack(files: RunFiles, keys: Iterable[str], output: Path) -> int:
    """Write the records of these runs into an archive, with what lies beside them but weights.

    Records that they superseded go with them. Equal records give equal bytes wherever Python has
    the same zlib: members are sorted, and all carry the same time.

    Args:
        files: of the results folder.
        keys: of runs; those without a record are left out.
        output: the archive, replaced where it is there.

    Returns:
        The number of runs that were packed.

    Raises:
        UserError: none of the runs has a record, a record or a file beside it is missing or not as
            it was written, or the archive cannot be written.
    """
    present = sorted(set(files.all_keys()) & set(keys))
    if not present:
        raise UserError(
            "there is nothing to pack: none of the runs asked for has a record here; name the "
            "results folder with --results"
        )
    members: dict[str, bytes] = {}
    for key in present:
        members.update(_checked(files.find(key)))
        for file in files.superseded(key):
            members |= {f"{SUPERSEDED}/{name}": data for name, data in _checked(file)}
    try:
        with replacing(output) as stream, zipfile.ZipFile(stream, "w") as archive:
            for name in sorted(members):
                member = zipfile.ZipInfo(name, _FIRST_DAY)
                member.create_system, member.external_attr = 3, _MODE  # as Unix writes it
                archive.writestr(member, members[name], zipfile.ZIP_DEFLATED, _LEVEL)
    except OSError as error:
        raise UserError(
            f"cannot write {output}: {error.strerror}; name another file with --output"
        ) from None
    return len(present)


def _checked(file: RunFile) -> Iterator[tuple[str, bytes]]:
    """Name and content of a record and of the files that it lists.

    Raises:
        UserError: one is missing, or not as it was written.
    """
    record = read_record(file)
    yield file.name, file.read_bytes()
    for suffix, digest in record.files.items():
        if suffix == WEIGHTS:
            continue
        other = beside(file, f"{file.stem}.{suffix}")
        try:
            content = other.read_bytes()
        except OSError as error:
            raise UserError(f"{_refusal(other)}: {error.strerror}; {_ADVICE}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise UserError(
                f"{_refusal(other)}: it is not the file that its record describes; {_ADVICE}"
            )
        yield other.name, content


_ADVICE = "look at the folder with 'run_benchmark.py doctor'"


def _refusal(file: RunFile) -> str:
    return f"cannot pack {file}"
