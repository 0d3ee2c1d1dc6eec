"""How a command is asked for the trials of a suite's rows."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.commands.options import require_range
from core.errors import UserError

if TYPE_CHECKING:
    from benchmark.planning.config import Suite
    from benchmark.tuning.plan import Tuning

MOST_TRIALS = 1000
MOST_REPETITIONS = 100


@dataclass(frozen=True)
class TuningOptions:
    """What was parsed of --tune and what belongs to it.

    Attributes:
        trials: of each row.
        repetitions: on which each trial is tried.
        prune: try trials on fewer epochs first.
    """

    trials: int
    repetitions: int
    prune: bool

    @property
    def arguments(self) -> list[str]:
        """As a command line has them."""
        tried = ["--tune", str(self.trials), "--tune-repetitions", str(self.repetitions)]
        return [*tried, *(["--prune"] if self.prune else [])]

    def of(self, suites: "Sequence[Suite]") -> "Tuning":
        """What is asked for, once it is known that the suites allow it.

        Raises:
            UserError: a suite has nothing to tune.
        """
        from benchmark.tuning.plan import Tuning, require_tunable

        for suite in suites:
            require_tunable(suite)
        return Tuning(self.trials, self.repetitions, self.prune)


def add_tuning(add: Callable[..., Any], tune: str) -> None:
    """Add the options.

    Args:
        add: a parser's `add_argument`.
        tune: help of --tune.
    """
    add("--tune", type=int, metavar="N", help=tune)
    add(
        "--tune-repetitions",
        type=int,
        metavar="N",
        help="on how many repetitions each choice is tried (default: 1)",
    )
    add(
        "--prune",
        action="store_true",
        help="try the choices of --tune on a fifth of their epochs first, and in full only the "
        "default and those that are not below the median of their row",
    )


def read_tuning(given: argparse.Namespace) -> TuningOptions | None:
    """What was parsed; None where nothing is tuned.

    Raises:
        UserError: a number out of range, or an option of --tune without it.
    """
    if given.tune is None:
        for name in ("tune_repetitions", "prune"):
            if getattr(given, name):
                option = f"--{name.replace('_', '-')}"
                raise UserError(f"{option} is of --tune; add --tune, or leave it out")
        return None
    require_range("--tune", given.tune, 1, MOST_TRIALS)
    if given.tune_repetitions is not None:
        require_range("--tune-repetitions", given.tune_repetitions, 1, MOST_REPETITIONS)
    return TuningOptions(given.tune, given.tune_repetitions or 1, given.prune)
