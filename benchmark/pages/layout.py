"""What the pages have in common: headings, lists of facts, and how values read."""

import json
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.pages.differences import Difference


def plain_console() -> Console:
    """A console for names of classes, modalities and files, which may look like markup."""
    return Console(highlight=False, markup=False, emoji=False)


def heading(console: Console, text: str) -> None:
    """Begin a part of a page."""
    console.print()
    console.print(Text(text, "bold"), soft_wrap=True)


def facts(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    """Names and values side by side, long values folded."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def sentence(console: Console, text: str) -> None:
    """A line that the terminal wraps, so that paths in it can be copied."""
    console.print(text, soft_wrap=True)


def differences_table(changes: Iterable[Difference]) -> Table:
    """One row per value that differs."""
    table = Table("setting", "A", "B")
    for column in table.columns:
        column.overflow = "fold"
    for change in changes:
        table.add_row(change.path, readable(change.first), readable(change.second))
    return table


def readable(value: str | None) -> str:
    """A value that is kept as JSON text, as text for people; "-" for none."""
    if value is None:
        return "-"
    parsed = json.loads(value)
    if isinstance(parsed, list) and all(isinstance(entry, str) for entry in parsed):
        return ", ".join(parsed) or "none"
    return parsed if isinstance(parsed, str) and parsed else value


def percent(value: float | None) -> str:
    """A score in [0, 1] in percent; "-" for none."""
    return "-" if value is None else f"{100 * value:.2f}"


def points(difference: float) -> str:
    """A difference of scores, in percentage points and with its sign."""
    return f"{100 * difference:+.2f}"
