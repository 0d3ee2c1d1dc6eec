"""YAML files that may hold anything.

An alias is a few bytes that stand for any number of values, so that a small file could fill memory
as soon as what it holds is copied or named in a message. The values are counted before that.
"""

from pathlib import Path
from typing import Any

import yaml

from core.errors import UserError

MOST_VALUES = 100_000  # a suite that lists as many repetitions as it may has a tenth
MOST_LEVELS = 100
LARGEST_NUMBER = 10**4000  # as Python writes numbers of up to 4300 digits


class _BadContentError(Exception):
    """What is wrong with a file, as half a sentence."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file of keys and values.

    Raises:
        UserError: the file cannot be read, is not valid YAML, or holds something else.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.safe_load(stream)
        _count(content, MOST_LEVELS, {})
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror}; give a suite's name or file"
        ) from None
    except _BadContentError as error:
        raise UserError(f"{path} {error}") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply; write it with fewer levels") from None
    except (yaml.YAMLError, ValueError) as error:  # the latter of impossible dates and text
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is not valid YAML: {reason}") from None
    except Exception:  # what does not fit its tag, such as `!!bool maybe`, raises nearly any type
        raise UserError(
            f"{path} is not valid YAML: a value is not of the type that stands before it as !!TYPE"
        ) from None
    if not isinstance(content, dict):
        raise UserError(f"{path} holds {type(content).__name__}, expected keys and values")
    return content


def _count(value: Any, levels: int, counted: dict[int, int]) -> int:
    """Values in a value, those behind aliases as often as they are meant.

    Args:
        value: what was read.
        levels: how deep it may be nested; one that holds itself has no end.
        counted: the results for lists and mappings that were counted before, by identity.

    Raises:
        _BadContentError: there are too many, they are nested too deeply, or a number is too large.
    """
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise _BadContentError("has a number of more than 4000 digits; write a smaller one")
    if not isinstance(value, list | tuple | set | dict):
        return 1
    if id(value) not in counted:
        if not levels:
            raise _BadContentError("is nested too deeply; write it with fewer levels")
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        counted[id(value)] = 1 + sum(_count(entry, levels - 1, counted) for entry in inner)
        if counted[id(value)] > MOST_VALUES:
            raise _BadContentError(f"holds more than {MOST_VALUES:,} values; write fewer aliases")
    return counted[id(value)]
