"""What a look at the machine finds."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console


@dataclass(frozen=True)
class Note:
    """One thing that was looked at: what was found, and whether it is a problem."""

    text: str
    problem: bool = False


def print_notes(console: Console, title: str, notes: Iterable[Note]) -> int:
    """Print notes under a title as they are made; returns the number of problems."""
    console.print(title)
    problems = 0
    for note in notes:
        problems += note.problem
        console.print(f"  {'!' if note.problem else ' '} {note.text}")
    return problems
