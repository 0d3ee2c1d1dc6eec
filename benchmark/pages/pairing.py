"""Which runs of two results folders belong together although some settings differ."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmark.pages.differences import Difference, differences, resolved_settings
from benchmark.records.record import Record
from benchmark.records.spec import RunSpec

# What a run is about. Folders may differ in it as a whole, but runs that differ in it are no pair.
_IDENTITY = frozenset({"method", "plugin", "modalities", "repetition", "teacher.modalities"})
_TEACHER = "teacher.spec."


@dataclass(frozen=True)
class Pair:
    """Two runs of one method, and the settings in which they differ."""

    first: Record
    second: Record
    changes: tuple[Difference, ...]


@dataclass(frozen=True)
class _Candidate:
    record: Record
    settings: dict[str, str]


def pair_runs(
    first: Sequence[Record], second: Sequence[Record], find: Callable[[str], RunSpec | None]
) -> list[Pair]:
    """Pair runs of two folders that agree in all settings but those that tell the folders apart.

    A setting tells the folders apart where the values that a method's runs have in one folder are
    not those that they have in the other. Where several runs agree in all the rest, the two that
    differ in the fewest settings are a pair, unless others are as near. Runs on data of another
    content and name, and runs whose teachers cannot be compared, are no pair.

    Args:
        first: runs of one folder that the other does not have.
        second: the same of the other.
        find: the settings of a run by its key, to compare teachers; None where it is unknown.
    """
    pairs: list[Pair] = []
    methods = _by_method(first, find), _by_method(second, find)
    for method, ones in methods[0].items():
        others = methods[1].get(method, [])
        varying = _varying(ones, others)
        groups = _grouped(ones, varying), _grouped(others, varying)
        for agreed, members in groups[0].items():
            pairs += _nearest(members, groups[1].get(agreed, []))
    return pairs


def _by_method(
    records: Iterable[Record], find: Callable[[str], RunSpec | None]
) -> dict[str, list[_Candidate]]:
    found = defaultdict(list)
    for record in records:
        settings = resolved_settings(record.spec, find)
        found[record.spec.method].append(_Candidate(record, settings))
    return found


def _varying(ones: Iterable[_Candidate], others: Iterable[_Candidate]) -> set[str]:
    """The settings whose values differ between the folders, those of the identity aside."""
    first, second = _values(ones), _values(others)
    paths = first.keys() | second.keys()
    return {path for path in paths if not _fixed(path) and first[path] != second[path]}


def _values(candidates: Iterable[_Candidate]) -> defaultdict[str, set[str]]:
    values: defaultdict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        for path, value in candidate.settings.items():
            values[path].add(value)
    return values


def _fixed(path: str) -> bool:
    # An unknown teacher keeps its key: it equals itself and nothing else.
    own = path.rpartition(_TEACHER)[2]
    return own in _IDENTITY or own == "teacher.key"


def _grouped(
    candidates: Iterable[_Candidate], varying: set[str]
) -> dict[frozenset[tuple[str, str]], list[_Candidate]]:
    groups = defaultdict(list)
    for candidate in candidates:
        agreed = ((path, text) for path, text in candidate.settings.items() if path not in varying)
        groups[frozenset(agreed)].append(candidate)
    return groups


def _nearest(ones: Sequence[_Candidate], others: Sequence[_Candidate]) -> Iterator[Pair]:
    """The pairs in which each is the other's only nearest."""
    changes = {
        (i, j): _changes(one, other)
        for i, one in enumerate(ones)
        for j, other in enumerate(others)
        if _same_data(one.record, other.record)
    }
    for (i, j), own in changes.items():
        rivals = [found for (k, m), found in changes.items() if (k == i) != (m == j)]
        if all(len(own) < len(rival) for rival in rivals):
            yield Pair(ones[i].record, others[j].record, own)


def _same_data(first: Record, second: Record) -> bool:
    # The same content may go by two names, and content changes as data are corrected or renewed.
    return (
        first.spec.data.fingerprint == second.spec.data.fingerprint
        or first.data.name == second.data.name
    )


def _changes(first: _Candidate, second: _Candidate) -> tuple[Difference, ...]:
    """What differs; a teacher's setting only where it does not change as the student's does."""
    found = differences(first.settings, second.settings)
    own = {(entry.path, entry.first, entry.second) for entry in found}

    def follows(entry: Difference) -> bool:
        path = entry.path.rpartition(_TEACHER)[2]
        return path != entry.path and (path, entry.first, entry.second) in own

    return tuple(entry for entry in found if not follows(entry))
