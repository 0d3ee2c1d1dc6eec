"""The answers of a pilot as a table on the console and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmark.planning.config import Suite
from benchmark.repetitions.power import POWER, PowerAnswer, WholeSuite
from benchmark.reporting.tables import ENTRY_COLUMNS, entry_values, row_label
from benchmark.reporting.wording import column_heading, scenario_heading
from benchmark.statistics.power import MOST
from core.errors import UserError
from core.files import write_atomically

COLUMNS = (
    "suite",
    *ENTRY_COLUMNS,
    "against",
    "pilot",
    "difference",
    "deviation",
    "to_find",
    "power",
    "comparisons",
    "test_to_training",
    "repetitions",
    "limit",
    "where",
    "hours",
)
OUT_OF_REACH = "cannot be reached"


def print_power(
    console: Console,
    suite: Suite,
    answers: Sequence[PowerAnswer],
    to_find: float,
    whole: WholeSuite | None,
) -> None:
    """Print a table per scenario, what the suite takes in all, and what the answers rest on."""
    for scenario, group in groupby(answers, key=lambda answer: answer.comparison.scenario):
        own = list(group)
        console.print(_table(own, to_find, f"{suite.name}. {scenario_heading(scenario)}"))
    for text in _sentences(suite, answers, to_find, whole):
        console.print(text, soft_wrap=True)


def write_power(path: Path, suite: Suite, answers: Iterable[PowerAnswer], to_find: float) -> None:
    """Write one row per comparison and place whose hours are known, columns as `COLUMNS`.

    Differences are in percentage points. Where no number of repetitions is enough, or the pilot
    gives no answer, `repetitions` is empty.

    Raises:
        UserError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for answer in answers:
        writer.writerows(_records(suite, answer, to_find))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.getvalue().encode())
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}; choose another place with --output"
        ) from None


def _table(answers: Sequence[PowerAnswer], to_find: float, title: str) -> Table:
    places = list(dict.fromkeys(place for answer in answers for place in answer.hours))
    table = Table("data", "method", title=title)
    for name in ("pilot", "mean", "std", "needed", "limit", *(f"hours {name}" for name in places)):
        table.add_column(name, justify="right")
    for table_column in table.columns:
        table_column.overflow = "fold"
    for answer in answers:
        comparison = answer.comparison
        table.add_row(
            column_heading(comparison.column, comparison.scenario),
            row_label(comparison.row),
            str(len(comparison.differences)),
            "-" if answer.difference is None else f"{answer.difference:+.2f}",
            "-" if answer.deviation is None else f"{answer.deviation:.2f}",
            _repetitions(answer, to_find),
            "-" if answer.needed is None else f"{answer.needed.limit:.2f}",
            *(_hours(answer.hours.get(place)) for place in places),
        )
    return table


def _repetitions(answer: PowerAnswer, to_find: float) -> str:
    if answer.needed is None:
        return "no spread" if len(answer.comparison.differences) > 1 else "no pilot"
    if answer.needed.repetitions is None:
        return OUT_OF_REACH if answer.needed.limit >= to_find else f"over {MOST:,}"
    return f"{answer.needed.repetitions:,}"


def _hours(hours: float | None) -> str:
    return "-" if hours is None else f"{hours:,.1f}"


def _sentences(
    suite: Suite, answers: Sequence[PowerAnswer], to_find: float, whole: WholeSuite | None
) -> Iterator[str]:
    baseline = row_label(answers[0].comparison.baseline)
    yield (
        "Mean and std: of the differences from the baseline in points, over the pilot's "
        "repetitions. Needed: the smallest number of repetitions, pilot included, that finds a "
        f"true difference of {to_find:.2f} points from {baseline} with {POWER:.0%} power, by "
        "the test that marks the table, after the strictest step of Holm's correction. The "
        "deviation of the pilot is taken for the true one, so the answer is as rough as the pilot "
        "is small."
    )
    if any(answer.needed and answer.needed.limit for answer in answers):
        yield (
            "Limit: the difference that no number of repetitions goes below. Repetitions draw "
            "their splits from one data set, so beyond some number they bring nothing new."
        )
    lost = sum(answer.needed is not None and answer.needed.limit >= to_find for answer in answers)
    if lost:
        yield (
            f"{lost} of {len(answers)} comparisons cannot reach {POWER:.0%} power at any number "
            "of repetitions: only more data, a larger difference, or a smaller table helps."
        )
    if whole is not None:
        places = "; ".join(f"{_hours(hours)} {place}" for place, hours in whole.hours.items())
        yield (
            f"For all that are in reach the whole suite takes {whole.repetitions:,} repetitions, "
            f"{whole.repetitions - len(suite.seeds):,} more than it has"
            + (f"; hours, one run at a time: {places}." if places else ".")
        )


def _records(suite: Suite, answer: PowerAnswer, to_find: float) -> Iterator[tuple[object, ...]]:
    comparison, needed = answer.comparison, answer.needed
    for where, hours in (*answer.hours.items(),) or ((None, None),):
        yield (
            suite.name,
            *entry_values(comparison.scenario, comparison.row, comparison.column),
            comparison.baseline.method,
            len(comparison.differences),
            answer.difference,
            answer.deviation,
            to_find,
            POWER,
            comparison.family,
            comparison.test_to_training,
            needed.repetitions if needed else None,
            needed.limit if needed else None,
            where,
            hours,
        )
