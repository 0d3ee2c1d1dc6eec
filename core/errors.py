"""Errors that are meant for the user, not for the programmer."""

import difflib
from collections.abc import Iterable, Sequence

LONGEST_LINE = 2000  # characters, of which no sentence of ours has as many


class UserError(Exception):
    """Wrong input. The message is one sentence: what was found, what was expected, what to do.

    Args:
        sentence: the message.
        entries: what the sentence is about, where that is a list to choose from.
    """

    def __init__(self, sentence: str, entries: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.entries = entries


class DatasetNotFoundError(UserError):
    """The files of a data set are not where they belong."""


def printable(text: str) -> str:
    r"""Text of unknown origin as one line of bounded length.

    Line breaks and what a terminal would obey are written as escapes; of a very long text, which
    repeats what the user gave, the middle is left out.

    >>> print(printable("red\x1b[31m\nnext line"))
    red\x1b[31m\nnext line
    """
    line = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
    if len(line) > LONGEST_LINE:
        return f"{line[: LONGEST_LINE // 2]} [...] {line[-LONGEST_LINE // 2 :]}"
    return line


def nearest_names(name: str, valid: Iterable[str]) -> str:
    """Say which valid names are closest to `name`, or list them all where none is close.

    >>> nearest_names("dkkd", ["dkd", "mlkd"])
    "the nearest valid name is 'dkd'"
    """
    known = sorted(valid)
    close = difflib.get_close_matches(name.lower(), known, n=2, cutoff=0.6)
    if len(close) == 1:
        return f"the nearest valid name is '{close[0]}'"
    listing = ", ".join(f"'{entry}'" for entry in close or known)
    return f"the {'nearest ' if close else ''}valid names are {listing or 'none'}"
