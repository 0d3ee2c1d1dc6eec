"""A table is about one protocol and one version of each data set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from benchmark.planning.config import Suite
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from core.errors import UserError

_SHOWN = 4


def require_one_setup(
    suite: Suite, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> None:
    """Check that the results of a table belong together.

    Raises:
        UserError: records of one data set were made on different contents of it, or a record was
            made under another protocol than the suite's; the message names their keys.
    """
    # Keys as dicts without values: each once, in the order of the cells, at any number of them.
    contents: dict[str, dict[str, dict[str, None]]] = {}
    strangers: dict[str, dict[str, None]] = {}
    for cell in cells:
        result = results.get(cell.run)
        if result is None:
            continue
        versions = contents.setdefault(cell.dataset, {})
        versions.setdefault(result.fingerprint, {})[cell.run] = None
        for difference in _protocol_differences(suite, result):
            strangers.setdefault(difference, {})[cell.run] = None
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


def _protocol_differences(suite: Suite, result: RunResult) -> Iterator[str]:
    protocol = suite.protocol
    if result.teacher_mode not in (None, protocol.teacher_mode):
        yield f"teacher_mode={result.teacher_mode}"
    if result.normalisation not in ("given", protocol.normalisation):
        yield f"normalisation={result.normalisation}"


def _named(keys: Collection[str]) -> str:
    more = len(keys) - _SHOWN
    return ", ".join(islice(keys, _SHOWN)) + (f" and {more} more" if more > 0 else "")
