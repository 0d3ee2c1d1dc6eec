"""How many repetitions find a difference, per comparison of a suite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmark.planning.config import Suite
from benchmark.planning.plan import Plan, PlannedRun
from benchmark.repetitions.hours import HoursOfRepetition
from benchmark.repetitions.pilot import PilotComparison
from benchmark.statistics import RepetitionsNeeded, repetitions_for_power, standard_deviation
from core.errors import UserError

POWER = 0.8


@dataclass(frozen=True)
class PowerAnswer:
    """What a pilot says of one comparison; differences in percentage points.

    Attributes:
        comparison: the pilot.
        difference: its mean difference; None without a shared repetition.
        deviation: of its differences, divisor n - 1; None for fewer than two.
        needed: None where fewer than two repetitions, or differences without spread, give no
            answer.
        hours: where -> hours of the repetitions that are needed beyond the pilot's.
    """

    comparison: PilotComparison
    difference: float | None
    deviation: float | None
    needed: RepetitionsNeeded | None
    hours: Mapping[str, float]

    @property
    def repetitions(self) -> int | None:
        """The number that is needed, pilot included; None where there is none or no answer."""
        return self.needed.repetitions if self.needed else None


@dataclass(frozen=True)
class WholeSuite:
    """The most repetitions that a comparison in reach asks for, given to the whole suite.

    Attributes:
        repetitions: that number, at least those that the suite has.
        hours: where -> hours of all runs of the repetitions that the suite does not ask for yet.
    """

    repetitions: int
    hours: Mapping[str, float]


def plan_power(
    suite: Suite,
    pilot: Sequence[PilotComparison],
    difference: float,
    hours: HoursOfRepetition,
) -> list[PowerAnswer]:
    """Say for each comparison how many repetitions find a difference with 80 % power.

    The test is that which marks a table: corrected where splits are drawn, and with the first step
    of Holm's correction over the table.

    Args:
        suite: whose pilot it is.
        pilot: from `read_pilot`.
        difference: to find, in percentage points, above 0.
        hours: what a repetition takes.

    Raises:
        UserError: no comparison has two repetitions.
    """
    most = max(len(comparison.differences) for comparison in pilot)
    if most < 2:
        found = "only one repetition" if most else "no result"
        raise UserError(
            f"suite {suite.name}: the results folder has {found} of a method beside its baseline, "
            "and a pilot needs two or more; train them first, or name another folder with --results"
        )
    return [_answer(comparison, difference, hours) for comparison in pilot]


def whole_suite(
    suite: Suite, plan: Plan, answers: Sequence[PowerAnswer], hours: HoursOfRepetition
) -> WholeSuite | None:
    """What the suite takes so that all comparisons in reach have enough; None for none in reach."""
    reached = [answer.repetitions for answer in answers if answer.repetitions is not None]
    if not reached:
        return None
    runs: dict[int, list[PlannedRun]] = {}
    for run in plan.runs.values():
        runs.setdefault(run.spec.repetition, []).append(run)
    repetitions = max(*reached, len(suite.seeds))
    return WholeSuite(repetitions, _times(repetitions - len(suite.seeds), hours.of(runs)))


def _answer(
    comparison: PilotComparison, difference: float, hours: HoursOfRepetition
) -> PowerAnswer:
    differences = comparison.differences
    needed = None
    if comparison.spread:
        needed = repetitions_for_power(
            differences,
            difference,
            test_to_training=comparison.test_to_training,
            power=POWER,
            comparisons=comparison.family,
        )
    taken: Mapping[str, float] = {}
    if needed is not None and needed.repetitions is not None:
        more = max(needed.repetitions - len(differences), 0)
        taken = _times(more, hours.of(comparison.runs))
    return PowerAnswer(
        comparison,
        fmean(differences) if differences else None,
        standard_deviation(dict(enumerate(differences))),
        needed,
        taken,
    )


def _times(number: int, hours: Mapping[str, float]) -> dict[str, float]:
    return {where: number * one for where, one in hours.items()}
