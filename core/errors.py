"""Errors that are meant for the user, not for the programmer."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Wrong input. The message is one sentence: what was found, what was expected, what to do."""


class DatasetNotFoundError(UserError):
    """The files of a data set are not where they belong."""


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
