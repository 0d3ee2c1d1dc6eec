"""A table is about one protocol and one version of each data set."""

from collections.abc import Iterator, Mapping, Sequence

from benchmark.config import Suite
from benchmark.plan import Cell
from benchmark.records import Record
from core.errors import UserError

_SHOWN = 4


def require_one_setup(suite: Suite, cells: Sequence[Cell], records: Mapping[str, Record]) -> None:
    """Check that the records of a table belong together.

    Raises:
        UserError: records of one data set were made on different contents of it, or a record was
            made under another protocol than the suite's; the message names their keys.
    """
    contents: dict[str, dict[str, list[str]]] = {}
    strangers: dict[str, list[str]] = {}
    for cell in cells:
        record = records.get(cell.run)
        if record is None:
            continue
        found = contents.setdefault(cell.dataset, {}).setdefault(record.data.fingerprint, [])
        if cell.run not in found:
            found.append(cell.run)
        for difference in _protocol_differences(suite, record):
            keys = strangers.setdefault(difference, [])
            if cell.run not in keys:
                keys.append(cell.run)
    for dataset, versions in contents.items():
        if len(versions) > 1:
            parts = "; ".join(f"{name}: {_named(keys)}" for name, keys in versions.items())
            raise UserError(
                f"suite {suite.name}: the results on {dataset} were made on {len(versions)} "
                f"different contents of it ({parts}), which one table cannot hold; report each "
                "from a results folder of its own"
            )
    for difference, keys in strangers.items():
        raise UserError(
            f"suite {suite.name}: the protocol {suite.protocol.name} does not fit results with "
            f"{difference} ({_named(keys)}), which its table cannot hold; report them as a suite "
            "with that protocol"
        )


def _protocol_differences(suite: Suite, record: Record) -> Iterator[str]:
    protocol, spec = suite.protocol, record.spec
    if spec.teacher is not None and spec.teacher.mode != protocol.teacher_mode:
        yield f"teacher_mode={spec.teacher.mode}"
    if spec.data.normalisation not in ("given", protocol.normalisation):
        yield f"normalisation={spec.data.normalisation}"


def _named(keys: Sequence[str]) -> str:
    more = len(keys) - _SHOWN
    return ", ".join(keys[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
