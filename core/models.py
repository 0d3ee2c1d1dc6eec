"""Data models that are checked when they are made, and what pydantic finds wrong with them."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class StrictModel(BaseModel):
    """A model that takes no unknown key and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the input of a model.

    Attributes:
        kind: pydantic's name for what is wrong, such as "extra_forbidden".
        path: keys and positions that lead to the value, from the outermost.
        value: what was found there.
        message: pydantic's sentence.
        expected: the values allowed, where there are only a few; "" otherwise.
    """

    kind: str
    path: tuple[str | int, ...]
    value: Any
    message: str
    expected: str

    @property
    def where(self) -> str:
        """The path in one word, such as "datasets.0.name"; "" for the input as a whole."""
        return ".".join(map(str, self.path))


def first_finding(error: ValidationError) -> Finding:
    """The first of pydantic's findings: a message for the user names one."""
    first = error.errors(include_url=False)[0]
    return Finding(
        kind=first["type"],
        path=first["loc"],
        value=first["input"],
        message=first["msg"],
        expected=str(first.get("ctx", {}).get("expected", "")),
    )
