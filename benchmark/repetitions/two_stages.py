"""Repetitions until every interval is narrow enough: Stein's two stages."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.planning.config import Suite
from benchmark.repetitions.pilot import PilotComparison
from benchmark.statistics import RepetitionsNeeded, repetitions_for_width
from core.errors import UserError


@dataclass(frozen=True)
class Target:
    """What repetitions are added for.

    Attributes:
        half_width: of every 95 % interval against the baseline, in percentage points, above 0.
        most: repetitions in all that may be made.
    """

    half_width: float
    most: int


@dataclass(frozen=True)
class SecondStage:
    """How many repetitions the first stage asks for.

    Attributes:
        target: what was asked for.
        first: repetitions of the first stage.
        repetitions: in all, the same for the whole suite; at least `first`, at most `target.most`.
        needed: the largest number that a comparison in reach needs.
        comparisons: comparisons whose first stage has a spread.
        above_most: those of them that are in reach with more than `target.most`.
        out_of_reach: those of them that no number of repetitions brings to the target.
        limit: in points, what the widest half width of those stays above, by the first stage.
    """

    target: Target
    first: int
    repetitions: int
    needed: int
    comparisons: int
    above_most: int
    out_of_reach: int
    limit: float

    @property
    def capped(self) -> bool:
        """Whether some comparison stays short of the target."""
        return bool(self.above_most or self.out_of_reach)


def require_first_stage(suite: Suite, target: Target) -> None:
    """Raise UserError where the suite's own repetitions cannot be the first of two stages."""
    first = len(suite.seeds)
    if first < 2:
        raise UserError(
            f"suite {suite.name} has one repetition, but --until needs two or more for its first "
            "stage; add --seeds 2 or more"
        )
    if target.most < first:
        raise UserError(
            f"--most-seeds {target.most}: suite {suite.name} has {first} repetitions before any is "
            f"added; expected {first} or more"
        )


def is_complete(suite: Suite, pilot: Sequence[PilotComparison]) -> bool:
    """Whether every comparison has all repetitions of the first stage."""
    return all(len(comparison.differences) == len(suite.seeds) for comparison in pilot)


def plan_second_stage(
    suite: Suite, pilot: Sequence[PilotComparison], target: Target
) -> SecondStage:
    """Compute once, from the first stage, how many repetitions there are to be.

    Every comparison asks for its number by `repetitions_for_width`, and the suite gets the largest,
    so that comparisons stay paired. One that no number helps asks for as many as may be: its
    interval gets narrower all the same, though not as narrow as was asked for. One without spread
    asks for nothing, as it has no interval.

    Args:
        suite: its repetitions are the first stage.
        pilot: the first stage, complete.
        target: what is wanted.
    """
    answers: list[RepetitionsNeeded] = [
        repetitions_for_width(
            comparison.differences,
            target.half_width,
            test_to_training=comparison.test_to_training,
        )
        for comparison in pilot
        if comparison.spread
    ]
    first = len(suite.seeds)
    reached = [answer.repetitions for answer in answers if answer.repetitions is not None]
    lost = [answer.limit for answer in answers if answer.repetitions is None]
    needed = max(reached, default=first)
    return SecondStage(
        target=target,
        first=first,
        repetitions=target.most if lost else min(needed, target.most),
        needed=needed,
        comparisons=len(answers),
        above_most=sum(number > target.most for number in reached),
        out_of_reach=len(lost),
        limit=max(lost, default=0.0),
    )


def describe(stage: SecondStage) -> str:
    """The sentences that a report needs to say how its number of repetitions came about."""
    target, total = stage.target, stage.repetitions
    text = (
        f"Repetitions by Stein's two stages: from {stage.first} of the first stage to {total}, "
        f"for 95 % intervals against the baseline of at most ±{target.half_width:.2f} points."
    )
    if not stage.comparisons:
        return f"{text} In the first stage no comparison has a spread, so none asks for more."
    if not stage.capped:
        return f"{text} By the deviations of the first stage all {stage.comparisons} reach that."
    parts = []
    if stage.above_most:
        parts.append(f"{stage.above_most} of {stage.comparisons} need more, up to {stage.needed:,}")
    if stage.out_of_reach:
        parts.append(
            f"{stage.out_of_reach} of {stage.comparisons} cannot reach that at any number of "
            f"repetitions, the widest not below ±{stage.limit:.2f}"
        )
    return (
        f"{text} The limit of {target.most} repetitions was hit: by the deviations of the first "
        f"stage {' and '.join(parts)}."
    )
