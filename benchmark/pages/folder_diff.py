"""Two results folders side by side: the same runs, and runs that differ in some settings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from statistics import fmean

from rich.console import Console
from rich.table import Table

from benchmark.pages.differences import Difference, ScoreChange, score_changes
from benchmark.pages.layout import differences_table, heading, percent_or_dash, sentence
from benchmark.pages.lookup import ResultsFolder
from benchmark.pages.pairing import Pair, pair_runs
from benchmark.records.record import Record, headline_label
from benchmark.records.spec import RunSpec
from benchmark.statistics.percent import points


def print_folder_diff(console: Console, first: ResultsFolder, second: ResultsFolder) -> None:
    """Print which runs two folders share with which scores, and pair those that they do not."""
    for name, folder in (("A", first), ("B", second)):
        sentence(console, f"{name}: {folder.path}, {len(folder.records)} runs")
        for reason in folder.unreadable:
            sentence(console, f"   left out: {reason}")
    both = [key for key in first.records if key in second.records]
    heading(console, f"Runs in both: {len(both)}")
    _print_same_runs(console, [(first.records[key], second.records[key]) for key in both])
    only_first, only_second = _others(first, second), _others(second, first)
    heading(console, f"Runs only in A: {len(only_first)}; only in B: {len(only_second)}")
    if not only_first and not only_second:
        return
    known = {**first.records, **second.records}

    def find(key: str) -> RunSpec | None:
        return known[key].spec if key in known else None

    pairs = pair_runs(only_first, only_second, find)
    sentence(
        console,
        f"{len(pairs)} pairs that agree in all settings but those that tell the folders apart; "
        f"not paired: {len(only_first) - len(pairs)} of A, {len(only_second) - len(pairs)} of B",
    )
    for changes, members in _by_changes(pairs).items():
        _print_pairs(console, changes, members)


def _others(folder: ResultsFolder, than: ResultsFolder) -> list[Record]:
    return [record for key, record in folder.records.items() if key not in than.records]


def _print_same_runs(console: Console, runs: Iterable[tuple[Record, Record]]) -> None:
    changes = [(first, score_changes(first, second)) for first, second in runs]
    changed = [(record, found) for record, found in changes if found]
    if not changes:
        return
    sentence(console, f"equal scores: {len(changes) - len(changed)}; differing: {len(changed)}")
    if changed:
        sentence(
            console,
            f"{_metrics(record for record, _ in changed)} on test of the selected checkpoint in "
            "percent, B - A in points; largest: difference of any score of either checkpoint on "
            "validation or test, in points",
        )
        console.print(_changed_scores(changed))


def _metrics(records: Iterable[Record]) -> str:
    """What the headline scores of some runs are called."""
    names = (headline_label(record) for record in records)
    return " or ".join(sorted(set(names)))


def _changed_scores(changed: Iterable[tuple[Record, Sequence[ScoreChange]]]) -> Table:
    table = Table(
        "run",
        "network",
        "A",
        "B",
        "B - A",
        "largest",
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for record, found in changed:
        for change in found:
            table.add_row(
                f"{record.key} {record.description}",
                change.network,
                percent_or_dash(change.first),
                percent_or_dash(change.second),
                _step(change.first, change.second),
                percent_or_dash(change.largest),
            )
    return table


def _step(first: float | None, second: float | None) -> str:
    return "-" if first is None or second is None else points(second - first)


def _by_changes(pairs: Iterable[Pair]) -> Mapping[tuple[Difference, ...], list[Pair]]:
    """Pairs by what differs, the most frequent change first."""
    found = defaultdict(list)
    for pair in pairs:
        found[pair.changes].append(pair)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def _print_pairs(console: Console, changes: tuple[Difference, ...], pairs: Sequence[Pair]) -> None:
    heading(console, f"Pairs that differ in these settings: {len(pairs)}")
    console.print(differences_table(changes))
    metrics = _metrics(pair.first for pair in pairs)
    sentence(console, f"B - A of {metrics} on test in points, selected checkpoint:")
    if any(change.path in ("data.fingerprint", "data.split") for change in changes):
        sentence(console, "the two runs of such a pair were tested on different samples")
    table = Table(
        "method",
        "pairs",
        "networks",
        "mean",
        "smallest",
        "largest",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    methods = defaultdict(list)
    for pair in pairs:
        methods[pair.first.spec.method_name].append(_steps(pair))
    for name, steps in methods.items():
        values = list(chain.from_iterable(steps))
        summary = map(points, (fmean(values), min(values), max(values)) if values else ())
        table.add_row(name, str(len(steps)), str(len(values)), *summary)
    console.print(table)


def _steps(pair: Pair) -> list[float]:
    """B - A of the headline score on test, per network that both deploy."""
    others = pair.second.deployments
    return [
        others[name].selected.test.headline - result.selected.test.headline
        for name, result in pair.first.deployments.items()
        if name in others
    ]
