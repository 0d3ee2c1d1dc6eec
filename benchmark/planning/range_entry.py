"""How a suite file writes a range that tuning tries."""

from typing import Any

from pydantic import model_validator

from core.models import StrictModel
from methods.search_space import Choice, LogUniform, Range, Uniform


class RangeEntry(StrictModel):
    """What one hyper-parameter may be, as `methods.search_space` has it: exactly one of these."""

    uniform: tuple[float, float] | None = None
    log_uniform: tuple[float, float] | None = None
    choice: tuple[Any, ...] | None = None

    @model_validator(mode="after")
    def _one(self) -> "RangeEntry":
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError("Input should be one of uniform, log_uniform and choice")
        return self

    @property
    def content(self) -> Range:
        """The range."""
        if self.choice is not None:
            return Choice(self.choice)
        if self.log_uniform is not None:
            return LogUniform(*self.log_uniform)
        assert self.uniform is not None
        return Uniform(*self.uniform)
