"""Two runs side by side: settings, what is around them, scores, predictions."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmark.pages.differences import (
    Difference,
    differences,
    flatten,
    resolved_settings,
)
from benchmark.pages.layout import differences_table, heading, sentence
from benchmark.pages.lookup import StoredRun
from benchmark.records.record import Record
from benchmark.records.spec import RunSpec
from benchmark.statistics.percent import percent, points
from core.errors import UserError

_AROUND = {"environment", "data", "resources"}


def print_run_diff(console: Console, first: StoredRun, second: StoredRun) -> None:
    """Print all that differs between two runs, and what that did to the scores."""
    for name, run in (("A", first), ("B", second)):
        sentence(console, f"{name}: {run.record.key}  {run.record.description}")
    heading(console, "Settings")
    _print_settings(console, first, second)
    heading(console, "Environment, data and cost (not part of the key)")
    around = differences(*(flatten(_around(run.record)) for run in (first, second)))
    _print_differences(console, around, "nothing differs")
    heading(console, "Test scores of the selected checkpoint, in percent; B - A in points")
    shared = [name for name in first.record.deployments if name in second.record.deployments]
    _print_scores(console, first.record, second.record, shared)
    heading(console, "Predictions on test")
    _print_predictions(console, first, second, shared)


def _around(record: Record) -> dict[str, object]:
    return record.model_dump(mode="json", include=_AROUND)


def _print_differences(console: Console, found: Sequence[Difference], otherwise: str) -> None:
    if found:
        console.print(differences_table(found))
    else:
        sentence(console, otherwise)


def _print_settings(console: Console, first: StoredRun, second: StoredRun) -> None:
    own = differences(
        *(flatten(run.record.spec.model_dump(mode="json")) for run in (first, second))
    )
    _print_differences(console, own, "none differs: both have the same key")
    specs = first.record.spec.teacher, second.record.spec.teacher
    if specs[0] is None or specs[1] is None or specs[0].key == specs[1].key:
        return
    teachers = first.neighbour(specs[0].key), second.neighbour(specs[1].key)
    for name, run, spec, teacher in zip("AB", (first, second), specs, teachers, strict=True):
        if teacher is None and spec is not None:
            sentence(
                console,
                f"what differs between the teachers is not known: the record of {name}'s, "
                f"{spec.key}, is not in {run.folder}",
            )
    if teachers[0] is not None and teachers[1] is not None:
        heading(console, "Settings of the teachers")
        console.print(differences_table(differences(*map(_all_settings, filter(None, teachers)))))


def _all_settings(run: StoredRun) -> dict[str, str]:
    def find(key: str) -> RunSpec | None:
        found = run.neighbour(key)
        return None if found is None else found.record.spec

    return resolved_settings(run.record.spec, find)


def _print_scores(console: Console, first: Record, second: Record, shared: Sequence[str]) -> None:
    for name, one, other in (("A", first, second), ("B", second, first)):
        alone = [network for network in one.deployments if network not in other.deployments]
        if alone:
            sentence(console, f"only {name} deploys {', '.join(alone)}")
    if not shared:
        return
    table = Table("network", "score", "A", "B", "B - A")
    for column in table.columns[2:]:
        column.justify = "right"
    for network in shared:
        tests = [record.deployments[network].selected.test for record in (first, second)]
        before, after = (scores.values for scores in tests)
        for metric in (name for name in before if name in after):
            a, b = before[metric], after[metric]
            table.add_row(network, metric, percent(a), percent(b), points(b - a))
    console.print(table)


def _print_predictions(
    console: Console, first: StoredRun, second: StoredRun, shared: Sequence[str]
) -> None:
    if first.record.spec.data.fingerprint != second.record.spec.data.fingerprint:
        sentence(
            console, "the two were tested on different samples: the content of the data differs"
        )
        return
    try:
        one, other = first.predictions(), second.predictions()
    except UserError as error:
        sentence(console, f"cannot be compared: {error}")
        return
    parts = {"indices", "targets"} & one.keys() | {"indices"}
    if not all(part in other and np.array_equal(one[part], other[part]) for part in parts):
        sentence(console, "the two were tested on different samples, or in another order")
        return
    for network in shared:
        if network not in one or network not in other:
            sentence(console, f"{network}: not stored by both")
            continue
        a, b = one[network], other[network]
        if a.shape != b.shape:
            sentence(console, f"{network}: of {a.shape} and {b.shape}, which cannot be compared")
            continue
        same = int((a == b).reshape(len(a), -1).all(axis=1).sum())
        # With one class per pixel, the confusion matrix of each image is what is stored.
        what = "" if a.ndim == 1 else "the confusion matrices of "
        sentence(console, f"{network}: the same on {what}{same} of {len(a)} test samples")
    if not shared:
        sentence(console, "no network is deployed by both")
