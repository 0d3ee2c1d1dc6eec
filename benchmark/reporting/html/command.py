"""The command lines that make a suite, or a cell of it, again."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.planning.config import MethodEntry

_PROGRAM = ("python", "run_benchmark.py")


@dataclass(frozen=True)
class Command:
    """How a suite was asked for.

    Attributes:
        suite: its name or path.
        part: options that choose a part of it.
        others: options that stand whatever part is made.
    """

    suite: str
    part: Sequence[str] = ()
    others: Sequence[str] = ()

    @property
    def whole(self) -> str:
        """Makes all that was asked for."""
        return self._line(*self.part)

    def cell(self, dataset: str, method: MethodEntry | None, plugin: str) -> str:
        """Makes all repetitions of one cell.

        Args:
            dataset: its name; the row of a data set is the least that can be asked for.
            method: None for a reference, which comes with any method.
            plugin: its name.
        """
        options = ["--datasets", dataset]
        if method is not None:
            # A name alone stands for the method as it is, not for a suite's variant of it.
            as_it_is = not (method.hyperparameters or method.evaluate or method.alone)
            options += ["--methods", method.name] if as_it_is else []
            options += ["--plugins", plugin]
        return self._line(*options)

    def _line(self, *part: str) -> str:
        return shlex.join((*_PROGRAM, "--suite", self.suite, *part, *self.others))
