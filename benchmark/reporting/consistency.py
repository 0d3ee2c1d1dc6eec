"""A table is about one protocol and one version of each data set."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from benchmark.planning.audit import AuditPlan
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
    _require_one_content(suite, cells, results)
    _require_protocol(suite, cells, results)


def require_one_audit(
    suite: Suite, audit: AuditPlan, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> None:
    """Check that the results of an audit belong together, those of each variant by its protocol.

    Raises:
        UserError: as `require_one_setup`.
    """
    _require_one_content(suite, cells, results)
    for variant in audit.variants:
        own = [cell for cell in cells if cell.suite == variant.suite.name]
        _require_protocol(variant.suite, own, results)


def _require_one_content(
    suite: Suite, cells: Iterable[Cell], results: Mapping[str, RunResult]
) -> None:
    # Keys as dicts without values: each once, in the order of the cells, at any number of them.
    contents: dict[str, dict[str, dict[str, None]]] = {}
    for cell in cells:
        if (result := results.get(cell.run)) is not None:
            versions = contents.setdefault(cell.dataset, {})
            versions.setdefault(result.fingerprint, {})[cell.run] = None
    for dataset, versions in contents.items():
        if len(versions) > 1:
            parts = "; ".join(f"{name}: {_named(keys)}" for name, keys in versions.items())
            raise UserError(
                f"suite {suite.name}: the results on {dataset} were made on {len(versions)} "
                f"different contents of it ({parts}), which one table cannot hold; report each "
                "from a results folder of its own"
            )


def _require_protocol(
    suite: Suite, cells: Iterable[Cell], results: Mapping[str, RunResult]
) -> None:
    strangers: dict[str, dict[str, None]] = {}
    for cell in cells:
        if (result := results.get(cell.run)) is not None:
            for difference in _protocol_differences(suite, result):
                strangers.setdefault(difference, {})[cell.run] = None
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
