"""The values that tuning may try: declared beside a hyper-parameter's default.

    temperature: Annotated[float, LogUniform(1, 10)] = 4.0

A field without a declaration keeps its value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from core.errors import UserError
from methods.base import Method


@dataclass(frozen=True)
class Uniform:
    """Any number from `low` to `high`, all equally likely; of a whole-number field whole ones."""

    low: float
    high: float

    @property
    def extremes(self) -> Sequence[Any]:
        """The values between which all others are."""
        return self.low, self.high

    def problem(self) -> str:
        """Why nothing can be drawn; "" where it can."""
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            return f"goes from {self.low:g} to {self.high:g}; give two finite numbers"
        if self.low >= self.high:
            return (
                f"goes from {self.low:g} to {self.high:g}, which leaves nothing to try; give a low "
                "end below the high one"
            )
        return ""


@dataclass(frozen=True)
class LogUniform(Uniform):
    """As `Uniform`, with all factors equally likely; `low` is above 0."""

    def problem(self) -> str:
        if self.low <= 0:
            return f"goes from {self.low:g} on a logarithmic scale; give a low end above 0"
        return super().problem()


@dataclass(frozen=True)
class Choice:
    """One of a few values, all equally likely."""

    values: tuple[Any, ...]

    @property
    def extremes(self) -> Sequence[Any]:
        """All values."""
        return self.values

    def problem(self) -> str:
        """Why nothing can be drawn; "" where it can."""
        return "" if self.values else "has no values, which leaves nothing to try; give some"


Range = Uniform | Choice


def declared_space(method: type[Method]) -> dict[str, Range]:
    """The search space that a method declares: hyper-parameter -> what it may be.

    Raises:
        UserError: an annotation of the class cannot be read.
    """
    return {
        name: mark
        for name, (_, *marks) in _types(method).items()
        for mark in marks
        if isinstance(mark, Range)
    }


def whole_numbers(method: type[Method]) -> set[str]:
    """The hyper-parameters of a method that are whole numbers: by default, and by their types.

    Raises:
        UserError: an annotation of the class cannot be read.
    """
    types = {name: type_ for name, (type_, *_) in _types(method).items()}
    return {
        field.name
        for field in fields(method)
        if isinstance(field.default, int)
        and not isinstance(field.default, bool)
        and float not in (types[field.name], *get_args(types[field.name]))
    }


def _types(method: type[Method]) -> dict[str, Sequence[Any]]:
    """Hyper-parameter -> its type, and what stands behind that in `Annotated[type, ...]`."""
    try:
        hints = get_type_hints(method, include_extras=True)
    except Exception as error:  # a user's class may name anything
        raise UserError(
            f"the search space of method '{method.name}' cannot be read: "
            f"{type(error).__name__}: {error}; change its class"
        ) from error
    found = {field.name: hints[field.name] for field in fields(method)}
    return {
        name: get_args(hint) if get_origin(hint) is Annotated else (hint,)
        for name, hint in found.items()
    }
